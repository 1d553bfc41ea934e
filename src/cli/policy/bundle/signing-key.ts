/** The key that signs a policy bundle: in a file, or in the secret store, so that a CI job holds it for a moment only. */
import { readFile, stat } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { KerbsideError } from '../../../core/errors.ts'
import { type BundleKey, signingKey } from '../../../io/policy/bundle-keys.ts'
import { openSecretStore, type StoreSettings } from '../../../io/secret-stores/open.ts'
import type { Terminal } from '../../terminal.ts'
import { required } from '../policies.ts'

const FETCH_WITHIN_MS = 30_000

export function signingKeyOptions(command: Command): void {
  command
    .option('--key <file>', 'private key that signs, PKCS#8 in PEM, as keygen writes it')
    .addOption(
      new Option('--key-secret <path/key>', 'the same, from the secret store: signing/policy/key.pem').conflicts('key'),
    )
    .addOption(new Option('--store <kind>', 'with --key-secret: the secret store').choices(['files', 'openbao']))
    .option('--store-url <url>', 'of openbao: its https URL')
    .option('--store-mount <place>', 'folder of the files store, or mount of the KV store (kv if absent)')
    .option('--store-role <role>', 'of openbao: role to log in with')
    .option('--store-ca <file>', 'of openbao: CA that signed its certificate, in PEM')
    .option('--token-file <file>', 'of openbao: projected service-account token to log in with')
}

type Options = ReadonlyMap<string, unknown>

/** @throws KerbsideError `bad-usage`, `bundle-bad-keys`, or one of the `secret-…` codes */
export async function signingKeyOf(options: Options, terminal: Terminal): Promise<BundleKey> {
  const file = options.get('key')
  if (typeof file === 'string') {
    const pem = await readText(file)
    if (((await stat(file)).mode & 0o077) !== 0) {
      terminal.err(`${terminal.paint('yellow', 'warning:')} others than its owner may read \`${file}\`, a private key`)
    }
    return signingKey(pem, file)
  }
  const secret = options.get('keySecret')
  if (typeof secret === 'string') return keyInStore(secret, options)
  throw new KerbsideError(
    'bad-usage',
    'no key to sign with: none of `--key`, `--key-secret` and `--unsigned` is given',
    {
      hint: '`kerbside policy keygen --out FILE` makes one',
    },
  )
}

async function keyInStore(secret: string, options: Options): Promise<BundleKey> {
  const at = secret.lastIndexOf('/')
  if (at <= 0) throw new KerbsideError('bad-usage', `\`--key-secret ${secret}\` is not a path, \`/\` and a key`)
  const store = await openSecretStore(await storeOf(options))
  try {
    const ref = { path: secret.slice(0, at), key: secret.slice(at + 1) }
    const { bytes } = await store.fetch(ref, AbortSignal.timeout(FETCH_WITHIN_MS))
    return await signingKey(new TextDecoder().decode(bytes), secret)
  } finally {
    await store.close()
  }
}

async function storeOf(options: Options): Promise<StoreSettings> {
  const isFiles = required(options, 'store') === 'files'
  const given = (name: string, flag: string, isNeeded: boolean, otherwise: string): string => {
    const value = options.get(name)
    if (typeof value === 'string') return value
    if (!isNeeded) return otherwise
    throw new KerbsideError('bad-usage', `\`--store ${isFiles ? 'files' : 'openbao'}\` needs \`${flag}\``)
  }
  const ca = given('storeCa', '--store-ca', !isFiles, '')
  return {
    store: isFiles ? 'files' : 'openbao',
    storeUrl: given('storeUrl', '--store-url', !isFiles, 'none'),
    storeMount: given('storeMount', '--store-mount', isFiles, 'kv'),
    storeRole: given('storeRole', '--store-role', !isFiles, 'none'),
    storeAuth: 'none',
    storeLoginUrl: 'none',
    storeNamespace: 'none',
    storeKvVersion: '2',
    tokenFile: given('tokenFile', '--token-file', !isFiles, ''),
    ca: ca === '' ? '' : await readText(ca),
  }
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'it does not exist' : cause.message
    throw new KerbsideError('io-failed', `\`${file}\` cannot be read: ${why}`, { cause })
  })
}
