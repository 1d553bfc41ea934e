/** The command line of `kerbside broker`: strict, and every problem is one sentence. */
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { KerbsideError } from '../core/errors.ts'

export type BrokerOptions = {
  readonly policies: string
  readonly listen: string
  readonly port: number
  /** DNS names of this server; the first one is its own in the cluster. */
  readonly names: readonly [string, ...string[]]
  /** Where our certificate authority is kept. */
  readonly authority: { readonly directory: string } | { readonly secret: string; readonly namespace: string }
  readonly kubeconfig: string | undefined
  /** How callers are known: by the API server and the live pod, or by the issuer's public keys alone. */
  readonly callers:
    | { readonly by: 'token-review'; readonly injection: string | undefined; readonly overrides: Overrides }
    | { readonly by: 'keys-file'; readonly keysFile: string; readonly issuer: string }
  readonly drainSeconds: number
}

/** Values of the injection file that are given as flags; the webhook has the same ones, and must be given the same. */
type Overrides = Readonly<Record<string, string>>

const OWN_NAME = 'kerbside-broker.kerbside.svc'
const LOCAL_NAMES = ['localhost', '127.0.0.1'] as const

/**
 * Undefined when help was asked for and told.
 * @throws KerbsideError `bad-usage`
 */
export function readOptions(args: readonly string[]): BrokerOptions | undefined {
  const command = new Command('kerbside broker')
    .description('hands out policy slices to sidecars')
    .option('--policies <folder>', 'policy files')
    .option('--listen <address>', 'address to listen on', '0.0.0.0')
    .option('--port <port>', 'port to listen on', wholeNumber(0, 65_535), 8444)
    .option('--name <names...>', 'DNS names under which sidecars call', [OWN_NAME])
    .option('--tls-directory <folder>', 'keep the certificate authority in this folder')
    .option('--tls-secret <name>', 'keep it in this Secret')
    .option('--namespace <name>', 'namespace of that Secret', 'kerbside')
    .option('--kubeconfig <file>', 'how to reach the API server, outside a cluster')
    .option('--injection <file>', 'what is injected, in YAML, as the webhook has it; the following flags win over it')
    .option('--image <image>', 'image of the sidecar')
    .option('--broker <url>', 'URL of the broker, as the sidecar reaches it')
    .option('--store <kind>', 'secret store of the sidecar: files, openbao')
    .option('--store-url <url>', 'URL of the secret store')
    .option('--store-mount <place>', 'folder of the files store, or mount of the KV store')
    .option('--keys-file <file>', 'know callers by these public keys, without an API server: pods are not looked at')
    .option('--issuer <url>', 'issuer of the service-account tokens, with --keys-file')
    .option('--drain-seconds <seconds>', 'how long to serve on after SIGTERM', wholeNumber(0, 600), 10)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
  const given = parse(command, args)
  if (given === undefined) return undefined
  const { policies, listen, port, kubeconfig, drainSeconds, tlsDirectory, tlsSecret } = given
  if (policies === undefined) throw new KerbsideError('bad-usage', '--policies must be given: a folder of policy files')
  if ((tlsDirectory === undefined) === (tlsSecret === undefined)) {
    throw new KerbsideError('bad-usage', 'one of --tls-directory and --tls-secret must be given, and only one')
  }
  return {
    policies,
    listen,
    port,
    names: [given.name[0] ?? OWN_NAME, ...given.name.slice(1), ...LOCAL_NAMES],
    authority:
      tlsSecret === undefined ? { directory: tlsDirectory ?? '' } : { secret: tlsSecret, namespace: given.namespace },
    kubeconfig,
    callers: callersOf(given),
    drainSeconds,
  }
}

function callersOf(given: Given): BrokerOptions['callers'] {
  const { keysFile, issuer, injection, image, broker, store, storeUrl, storeMount } = given
  if ((keysFile === undefined) !== (issuer === undefined)) {
    throw new KerbsideError('bad-usage', '--keys-file and --issuer go together')
  }
  const overrides = withoutUndefined({ image, broker, store, storeUrl, storeMount })
  if (keysFile === undefined || issuer === undefined) return { by: 'token-review', injection, overrides }
  if (injection !== undefined || Object.keys(overrides).length > 0) {
    throw new KerbsideError('bad-usage', 'with --keys-file no pod is looked at: leave out what is injected')
  }
  return { by: 'keys-file', keysFile, issuer }
}

type Given = {
  readonly listen: string
  readonly port: number
  readonly name: readonly string[]
  readonly namespace: string
  readonly drainSeconds: number
} & {
  readonly [K in
    | 'policies'
    | 'tlsDirectory'
    | 'tlsSecret'
    | 'kubeconfig'
    | 'injection'
    | 'keysFile'
    | 'issuer']?: string
} & {
  readonly [K in 'image' | 'broker' | 'store' | 'storeUrl' | 'storeMount']?: string
}

function parse(command: Command, args: readonly string[]): Given | undefined {
  try {
    return command.parse([...args], { from: 'user' }).opts<Given>()
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    if (thrown.code === 'commander.helpDisplayed') return undefined
    const [sentence = '', ...guesses] = thrown.message.replace(/^error: /, '').split('\n')
    const hint = guesses.length > 0 ? guesses.join(' ') : '`kerbside broker --help` lists what there is'
    throw new KerbsideError('bad-usage', sentence, { hint })
  }
}

const wholeNumber = (least: number, most: number) => (text: string) => {
  const value = Number(text)
  if (/^\d{1,6}$/.test(text) && value >= least && value <= most) return value
  throw new InvalidArgumentError(`it is not a whole number from ${least} to ${most}`)
}

const withoutUndefined = (values: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined))
