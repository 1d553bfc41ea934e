/** The command line of `kerbside webhook`: strict, and every problem is one sentence. */
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { KerbsideError } from '../src/core/errors.ts'

export type WebhookOptions = {
  readonly policies: string
  readonly listen: string
  readonly port: number
  /** DNS names of this server; the first one is its own in the cluster. */
  readonly names: readonly [string, ...string[]]
  /** Where our certificate authority is kept. */
  readonly authority:
    | { readonly directory: string }
    | { readonly secret: string; readonly namespace: string; readonly kubeconfig: string | undefined }
  readonly injection: string | undefined
  /** Values of the injection file that are given as flags. */
  readonly overrides: Readonly<Record<string, string>>
  readonly drainSeconds: number
}

const OWN_NAME = 'kerbside-webhook.kerbside.svc'
const LOCAL_NAMES = ['localhost', '127.0.0.1'] as const

/**
 * Undefined when help was asked for and told.
 * @throws KerbsideError `bad-usage`
 */
export function readOptions(args: readonly string[]): WebhookOptions | undefined {
  const command = new Command('kerbside webhook')
    .description('mutates and validates pods')
    .option('--policies <folder>', 'policy files')
    .option('--listen <address>', 'address to listen on', '0.0.0.0')
    .option('--port <port>', 'port to listen on', wholeNumber(0, 65_535), 8443)
    .option('--name <names...>', 'DNS names under which the API server calls', [OWN_NAME])
    .option('--tls-directory <folder>', 'keep the certificate authority in this folder')
    .option('--tls-secret <name>', 'keep it in this Secret, and write it into the webhook configurations')
    .option('--namespace <name>', 'namespace of that Secret', 'kerbside')
    .option('--kubeconfig <file>', 'how to reach the API server, outside a cluster')
    .option('--injection <file>', 'what is injected, in YAML; the following flags win over it')
    .option('--image <image>', 'image of the sidecar')
    .option('--broker <url>', 'URL of the broker, as the sidecar reaches it')
    .option('--store <kind>', 'secret store of the sidecar: files, openbao')
    .option('--store-url <url>', 'URL of the secret store')
    .option('--store-mount <place>', 'folder of the files store, or mount of the KV store')
    .option('--drain-seconds <seconds>', 'how long to serve on after SIGTERM', wholeNumber(0, 600), 10)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
  const given = parse(command, args)
  if (given === undefined) return undefined
  const { policies, tlsDirectory, tlsSecret } = given
  if (policies === undefined) throw new KerbsideError('bad-usage', '--policies is missing')
  if ((tlsDirectory === undefined) === (tlsSecret === undefined)) {
    throw new KerbsideError('bad-usage', 'one of --tls-directory and --tls-secret must be given, and only one')
  }
  const overrides = { image: given.image, broker: given.broker, store: given.store, storeUrl: given.storeUrl }
  return {
    policies,
    listen: given.listen,
    port: given.port,
    names: [given.name[0] ?? OWN_NAME, ...given.name.slice(1), ...LOCAL_NAMES],
    authority:
      tlsSecret === undefined
        ? { directory: tlsDirectory ?? '' }
        : { secret: tlsSecret, namespace: given.namespace, kubeconfig: given.kubeconfig },
    injection: given.injection,
    overrides: withoutUndefined({ ...overrides, storeMount: given.storeMount }),
    drainSeconds: given.drainSeconds,
  }
}

type Given = {
  readonly listen: string
  readonly port: number
  readonly name: readonly string[]
  readonly namespace: string
  readonly drainSeconds: number
} & { readonly [K in 'policies' | 'tlsDirectory' | 'tlsSecret' | 'kubeconfig' | 'injection']?: string } & {
  readonly [K in 'image' | 'broker' | 'store' | 'storeUrl' | 'storeMount']?: string
}

function parse(command: Command, args: readonly string[]): Given | undefined {
  try {
    return command.parse([...args], { from: 'user' }).opts<Given>()
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    if (thrown.code === 'commander.helpDisplayed') return undefined
    const [sentence = '', meant] = thrown.message.replace(/^error: /, '').split('\n')
    throw new KerbsideError('bad-usage', sentence, { hint: meant ?? '`kerbside webhook --help` lists what there is' })
  }
}

const wholeNumber = (least: number, most: number) => (text: string) => {
  const value = Number(text)
  if (/^\d{1,6}$/.test(text) && value >= least && value <= most) return value
  throw new InvalidArgumentError(`it is not a whole number from ${least} to ${most}`)
}

const withoutUndefined = (values: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined))
