/** The command line of `kerbside broker`. */
import { KerbsideError } from '../core/errors.ts'
import { parseOptions, programCommand } from '../io/program-options.ts'
import {
  defineServerOptions,
  type GivenServerOptions,
  type ServerOptions,
  toServerOptions,
} from '../io/server-options.ts'
import type { AuditOptions } from './audit/open.ts'

type Injected = Pick<ServerOptions, 'injection' | 'overrides'>

export type BrokerOptions = Omit<ServerOptions, keyof Injected> & {
  /** How callers are known: by the API server and the live pod, or by the issuer's public keys alone. */
  readonly callers:
    | ({ readonly by: 'token-review' } & Injected)
    | { readonly by: 'keys-file'; readonly keysFile: string; readonly issuer: string }
  /** Says where the secrets are that it hands out; without it there are none. */
  readonly secretsFile: string | undefined
  /** Where records go that sidecars send; without it none are taken in. */
  readonly audit: (Omit<AuditOptions, 'name'> & { readonly name: string | undefined }) | undefined
}

const OWN_NAME = 'kerbside-broker.kerbside.svc'
const OWN_WEBHOOK = 'kerbside/kerbside-webhook'

/**
 * Undefined when help was asked for and told.
 * @throws KerbsideError `bad-usage`
 */
export function readOptions(args: readonly string[]): BrokerOptions | undefined {
  const command = programCommand('kerbside broker', 'hands out policy slices to sidecars')
  defineServerOptions(command, { port: 8444, name: OWN_NAME, calledBy: 'sidecars call' })
    .option('--keys-file <file>', 'know callers by these public keys, without an API server: pods are not looked at')
    .option('--issuer <url>', 'issuer of the service-account tokens, with --keys-file')
    .option('--secrets <file>', 'hand out secrets from the store that this file names, in YAML')
    .option(
      '--audit <directory>',
      'take in the records of sidecars, and keep our own, in a folder of our name in this one',
    )
    .option('--audit-name <name>', 'name of this broker and of its chain; as a rule that of the host')
    .option(
      '--audit-webhook <account>',
      `with --audit, service account of the webhook, whose pods deliver admissions; as a rule ${OWN_WEBHOOK}`,
    )
    .option('--audit-key <file>', 'countersign records once a minute with this private key, PKCS#8 in PEM')
  const given = parseOptions<GivenServerOptions & Own>(command, args)
  if (given === undefined) return undefined
  const { injection, overrides, ...server } = toServerOptions(given, OWN_NAME)
  const callers = callersOf(given, { injection, overrides })
  if (given.secrets !== undefined && callers.by === 'keys-file') {
    throw new KerbsideError(
      'bad-usage',
      'with --keys-file no pod is looked at, and no secret handed out: leave out --secrets',
    )
  }
  return { ...server, callers, secretsFile: given.secrets, audit: auditOf(given) }
}

function auditOf({ audit: directory, auditName: name, auditKey: keyFile, auditWebhook }: Own): BrokerOptions['audit'] {
  if (directory === undefined) {
    if (name === undefined && keyFile === undefined && auditWebhook === undefined) return undefined
    throw new KerbsideError('bad-usage', '--audit-name, --audit-key and --audit-webhook go with --audit')
  }
  const webhook = auditWebhook ?? OWN_WEBHOOK
  if (/^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9.-]*$/.test(webhook)) return { directory, name, keyFile, webhook }
  throw new KerbsideError('bad-usage', `\`${webhook}\` is no service account`, { hint: 'as NAMESPACE/NAME' })
}

type Own = {
  readonly audit?: string
  readonly auditName?: string
  readonly auditKey?: string
  readonly auditWebhook?: string
  readonly keysFile?: string
  readonly issuer?: string
  readonly secrets?: string
}

function callersOf({ keysFile, issuer }: Own, injected: Injected): BrokerOptions['callers'] {
  if ((keysFile === undefined) !== (issuer === undefined)) {
    throw new KerbsideError('bad-usage', '--keys-file and --issuer go together')
  }
  if (keysFile === undefined || issuer === undefined) return { by: 'token-review', ...injected }
  if (injected.injection !== undefined || Object.keys(injected.overrides).length > 0) {
    throw new KerbsideError('bad-usage', 'with --keys-file no pod is looked at: leave out what is injected')
  }
  return { by: 'keys-file', keysFile, issuer }
}
