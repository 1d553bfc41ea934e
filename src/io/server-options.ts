/** Options that webhook and broker share: where they listen, what they decide by, and what a sidecar is made of. */
import type { Command } from 'commander'
import { KerbsideError } from '../core/errors.ts'
import { LARGEST_SEQUENCE } from '../core/policy/bundle-file/succession.ts'
import { SIDECAR_STORES } from '../core/settings.ts'
import type { PolicySource } from './policy/source.ts'
import { wholeNumber } from './program-options.ts'
import { LIVES, type Lives } from './tls/certificates.ts'

export type ServerOptions = {
  readonly policies: PolicySource
  readonly listen: string
  readonly port: number
  /** DNS names of this server; the first one is its own in the cluster. */
  readonly names: readonly [string, ...string[]]
  readonly tls: TlsSource
  readonly kubeconfig: string | undefined
  readonly injection: string | undefined
  /** Values of the injection file that are given as flags; both programs must be given the same. */
  readonly overrides: Readonly<Record<string, string>>
  readonly drainSeconds: number
}

/** Where certificates come from: our own authority, which is kept somewhere, or files that somebody else renews. */
export type TlsSource =
  | { readonly files: string }
  | ({ readonly lives: Lives } & (
      | { readonly directory: string }
      | { readonly secret: string; readonly namespace: string }
    ))

export type GivenServerOptions = {
  readonly listen: string
  readonly port: number
  readonly name: readonly string[]
  readonly drainSeconds: number
} & GivenPolicy &
  GivenTls & { readonly [K in 'kubeconfig' | 'injection']?: string } & {
    readonly [K in 'image' | 'broker' | 'store' | 'storeUrl' | 'storeMount']?: string
  }

type GivenTls = { readonly namespace: string; readonly authoritySeconds: number; readonly leafSeconds: number } & {
  readonly [K in 'tlsDirectory' | 'tlsSecret' | 'tlsFiles']?: string
}

type GivenPolicy = { readonly policyAtLeast?: number } & {
  readonly [K in 'policies' | 'policyKeys' | 'policyState']?: string
}

/** What differs between the two. */
type Own = { readonly port: number; readonly name: string; readonly calledBy: string }

/** From what a test can wait for to a hundred years. */
const life = wholeNumber(10, 100 * 365 * 24 * 60 * 60)
const LOCAL_NAMES = ['localhost', '127.0.0.1'] as const

export function defineServerOptions(command: Command, { port, name, calledBy }: Own): Command {
  return (
    command
      // Not a required one of commander's: it would complain of that before a misspelt flag.
      .option('--policies <place>', 'folder of policy files; with --policy-keys one file, a signed bundle')
      .option('--policy-keys <file>', 'public keys: take nothing but a bundle that one of them signed')
      .option(
        '--policy-at-least <sequence>',
        'lowest sequence of a bundle that is taken',
        wholeNumber(0, LARGEST_SEQUENCE),
      )
      .option('--policy-state <file>', 'keep the newest sequence here, so that no older one is taken after a restart')
      .option('--listen <address>', 'address to listen on', '0.0.0.0')
      .option('--port <port>', 'port to listen on', wholeNumber(0, 65_535), port)
      .option('--name <names...>', `DNS names under which ${calledBy}`, [name])
      .option('--tls-directory <folder>', 'keep the certificate authority in this folder')
      .option('--tls-secret <name>', 'keep it in this Secret; the webhook writes it into its configurations')
      .option('--namespace <name>', 'namespace of that Secret', 'kerbside')
      .option('--authority-seconds <seconds>', 'how long an authority lives', life, LIVES.authoritySeconds)
      .option('--leaf-seconds <seconds>', 'how long a certificate lives that it signs', life, LIVES.leafSeconds)
      .option('--tls-files <folder>', 'take tls.crt, tls.key and ca.crt from this folder, as cert-manager writes them')
      .option('--kubeconfig <file>', 'how to reach the API server, outside a cluster')
      .option('--injection <file>', 'what is injected, in YAML; the following flags win over it')
      .option('--image <image>', 'image of the sidecar')
      .option('--broker <url>', 'URL of the broker, as the sidecar reaches it')
      .option('--store <kind>', `secret store of the sidecar: ${SIDECAR_STORES.join(', ')}`)
      .option('--store-url <url>', 'URL of the secret store')
      .option('--store-mount <place>', 'folder, mount of the KV engine, region or project, by the store')
      .option('--drain-seconds <seconds>', 'how long to serve on after SIGTERM', wholeNumber(0, 600), 10)
  )
}

/** @throws KerbsideError `bad-usage` */
export function toServerOptions(given: GivenServerOptions, ownName: string): ServerOptions {
  const policies = toPolicySource(given)
  const tls = toTlsSource(given)
  const { listen, port, name, kubeconfig, injection, drainSeconds } = given
  const { image, broker, store, storeUrl, storeMount } = given
  return {
    policies,
    listen,
    port,
    names: [name[0] ?? ownName, ...name.slice(1), ...LOCAL_NAMES],
    tls,
    kubeconfig,
    injection,
    overrides: withoutUndefined({ image, broker, store, storeUrl, storeMount }),
    drainSeconds,
  }
}

function toTlsSource({ tlsDirectory, tlsSecret, tlsFiles, namespace, ...given }: GivenTls): TlsSource {
  if ([tlsDirectory, tlsSecret, tlsFiles].filter((each) => each !== undefined).length !== 1) {
    throw new KerbsideError(
      'bad-usage',
      'one of --tls-directory, --tls-secret and --tls-files must be given, and only one',
    )
  }
  if (tlsFiles !== undefined) return { files: tlsFiles }
  const { authoritySeconds, leafSeconds } = given
  const lives = { authoritySeconds, leafSeconds }
  return tlsSecret === undefined ? { lives, directory: tlsDirectory ?? '' } : { lives, secret: tlsSecret, namespace }
}

function toPolicySource({ policies, policyKeys, policyAtLeast, policyState }: GivenPolicy): PolicySource {
  if (policies === undefined) throw new KerbsideError('bad-usage', '--policies must be given: a folder of policy files')
  if (policyKeys !== undefined) {
    const signed = { file: policies, keysFile: policyKeys, atLeast: policyAtLeast ?? 0, stateFile: policyState }
    return { signed }
  }
  if (policyAtLeast === undefined && policyState === undefined) return { directory: policies }
  throw new KerbsideError(
    'bad-usage',
    '--policy-at-least and --policy-state are for a signed bundle: give --policy-keys',
  )
}

const withoutUndefined = (values: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined))
