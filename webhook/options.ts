/** The command line of `kerbside webhook`. */
import { parseOptions, programCommand } from '../src/io/program-options.ts'
import {
  defineServerOptions,
  type GivenServerOptions,
  type ServerOptions,
  toServerOptions,
} from '../src/io/server-options.ts'

export type WebhookOptions = ServerOptions

const OWN_NAME = 'kerbside-webhook.kerbside.svc'

/**
 * Undefined when help was asked for and told.
 * @throws KerbsideError `bad-usage`
 */
export function readOptions(args: readonly string[]): WebhookOptions | undefined {
  const command = programCommand('kerbside webhook', 'mutates and validates pods')
  defineServerOptions(command, { port: 8443, name: OWN_NAME, calledBy: 'the API server calls' })
  const given = parseOptions<GivenServerOptions>(command, args)
  return given === undefined ? undefined : toServerOptions(given, OWN_NAME)
}
