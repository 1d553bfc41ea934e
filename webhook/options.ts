/** The command line of `kerbside webhook`. */
import { parseOptions, programCommand } from '../src/io/program-options.ts'
import {
  defineServerOptions,
  type GivenServerOptions,
  type ServerOptions,
  toServerOptions,
} from '../src/io/server-options.ts'

export type WebhookOptions = ServerOptions & {
  /** Whether this program writes the CA into the webhook configurations, and not somebody else. */
  readonly publishesTrust: boolean
}

const OWN_NAME = 'kerbside-webhook.kerbside.svc'

/**
 * Undefined when help was asked for and told.
 * @throws KerbsideError `bad-usage`
 */
export function readOptions(args: readonly string[]): WebhookOptions | undefined {
  const command = programCommand('kerbside webhook', 'mutates and validates pods')
  defineServerOptions(command, { port: 8443, name: OWN_NAME, calledBy: 'the API server calls' }).option(
    '--publish-trust',
    'with --tls-files: write their ca.crt into the webhook configurations, which cert-manager does by itself',
  )
  const given = parseOptions<GivenServerOptions & { readonly publishTrust?: true }>(command, args)
  if (given === undefined) return undefined
  const options = toServerOptions(given, OWN_NAME)
  const publishesTrust = 'secret' in options.tls || ('files' in options.tls && given.publishTrust === true)
  return { ...options, publishesTrust }
}
