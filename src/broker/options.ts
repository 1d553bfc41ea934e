/** The command line of `kerbside broker`. */
import { KerbsideError } from '../core/errors.ts'
import { parseOptions, programCommand } from '../io/program-options.ts'
import {
  defineServerOptions,
  type GivenServerOptions,
  type ServerOptions,
  toServerOptions,
} from '../io/server-options.ts'

type Injected = Pick<ServerOptions, 'injection' | 'overrides'>

export type BrokerOptions = Omit<ServerOptions, keyof Injected> & {
  /** How callers are known: by the API server and the live pod, or by the issuer's public keys alone. */
  readonly callers:
    | ({ readonly by: 'token-review' } & Injected)
    | { readonly by: 'keys-file'; readonly keysFile: string; readonly issuer: string }
}

const OWN_NAME = 'kerbside-broker.kerbside.svc'

/**
 * Undefined when help was asked for and told.
 * @throws KerbsideError `bad-usage`
 */
export function readOptions(args: readonly string[]): BrokerOptions | undefined {
  const command = programCommand('kerbside broker', 'hands out policy slices to sidecars')
  defineServerOptions(command, { port: 8444, name: OWN_NAME, calledBy: 'sidecars call' })
    .option('--keys-file <file>', 'know callers by these public keys, without an API server: pods are not looked at')
    .option('--issuer <url>', 'issuer of the service-account tokens, with --keys-file')
  const given = parseOptions<GivenServerOptions & Keys>(command, args)
  if (given === undefined) return undefined
  const { injection, overrides, ...server } = toServerOptions(given, OWN_NAME)
  return { ...server, callers: callersOf(given, { injection, overrides }) }
}

type Keys = { readonly keysFile?: string; readonly issuer?: string }

function callersOf({ keysFile, issuer }: Keys, injected: Injected): BrokerOptions['callers'] {
  if ((keysFile === undefined) !== (issuer === undefined)) {
    throw new KerbsideError('bad-usage', '--keys-file and --issuer go together')
  }
  if (keysFile === undefined || issuer === undefined) return { by: 'token-review', ...injected }
  if (injected.injection !== undefined || Object.keys(injected.overrides).length > 0) {
    throw new KerbsideError('bad-usage', 'with --keys-file no pod is looked at: leave out what is injected')
  }
  return { by: 'keys-file', keysFile, issuer }
}
