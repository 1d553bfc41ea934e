/** The command line of `kerbside webhook`. */
import { parseOptions, programCommand } from '../src/io/program-options.ts'
import {
  defineServerOptions,
  type GivenServerOptions,
  type ServerOptions,
  toServerOptions,
} from '../src/io/server-options.ts'
import type { AuditOptions } from './audit.ts'

export type WebhookOptions = ServerOptions & {
  /** Whether this program writes the CA into the webhook configurations, and not somebody else. */
  readonly publishesTrust: boolean
  /** Absent where decisions are not put on record. */
  readonly audit: AuditOptions | undefined
}

const OWN_NAME = 'kerbside-webhook.kerbside.svc'
/** Where deploy/chart mounts it. */
const TOKEN = '/var/run/secrets/kerbside.io/token'

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
  command
    .option('--audit <folder>', 'put each decision on record in this folder, and deliver them to the broker')
    .option('--audit-token <file>', 'with --audit, service-account token by which the broker knows this webhook', TOKEN)
  const given = parseOptions<GivenServerOptions & Own>(command, args)
  if (given === undefined) return undefined
  const options = toServerOptions(given, OWN_NAME)
  const publishesTrust = 'secret' in options.tls || ('files' in options.tls && given.publishTrust === true)
  const audit = given.audit === undefined ? undefined : { directory: given.audit, tokenFile: given.auditToken }
  return { ...options, publishesTrust, audit }
}

type Own = { readonly publishTrust?: true; readonly audit?: string; readonly auditToken: string }
