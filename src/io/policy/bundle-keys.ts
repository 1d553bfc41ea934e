/**
 * Keys of policy bundles: one that signs, in PKCS#8, and those that are trusted, in a JWK Set or in PEM. A key is named by
 * its thumbprint (RFC 7638), worked out here, so that no name can be given to a key that is not its own.
 */
import { createPrivateKey, createPublicKey, generateKeyPair, type JsonWebKey, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { KerbsideError } from '../../core/errors.ts'

export const ALGORITHMS = ['EdDSA', 'ES256'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

/** An algorithm belongs to the key, never to what is signed: whoever makes a bundle has no say in how it is checked. */
export type BundleKey = { readonly id: string; readonly algorithm: Algorithm; readonly key: KeyObject }
export type TrustedKeys = ReadonlyMap<string, BundleKey>

/** For a file of trusted keys. */
export type PublicJwk = JsonWebKey & { readonly kid: string; readonly alg: Algorithm; readonly use: 'sig' }

/** @throws KerbsideError `bundle-bad-keys` */
export async function readTrustedKeys(file: string): Promise<TrustedKeys> {
  return trustedKeys(await readKeysText(file), file)
}

/** @throws KerbsideError `bundle-bad-keys` */
export async function readKeysText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'it does not exist' : cause.message
    throw new KerbsideError('bundle-bad-keys', `the keys \`${file}\` cannot be read: ${why}`, { cause })
  })
}

/**
 * By their ids. One unusable key makes the whole file unusable: trust that is only half understood is none.
 * @param text a JWK Set, a single JWK, or public keys in PEM
 * @throws KerbsideError `bundle-bad-keys`
 */
export async function trustedKeys(text: string, file: string): Promise<TrustedKeys> {
  const objects = text.trimStart().startsWith('{') ? fromJwks(text, file) : fromPem(text, file)
  if (objects.length === 0) throw bad(file, 'holds no key')
  const keys = await Promise.all(objects.map((object) => named(object, file)))
  return new Map(keys.map((key) => [key.id, key]))
}

/**
 * @param where it comes from, for messages
 * @throws KerbsideError `bundle-bad-keys` that holds nothing of the key
 */
export async function signingKey(pem: string, where: string): Promise<BundleKey> {
  const [, label = ''] = /^-----BEGIN ([A-Z0-9 ]+)-----\r?\n/m.exec(pem) ?? []
  if (label !== 'PRIVATE KEY') {
    const what = label === '' ? 'is not PEM' : `is \`${label}\``
    throw bad(where, `${what}, not a private key in PKCS#8`, 'openssl pkcs8 -topk8 -nocrypt turns one into the other')
  }
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    throw bad(where, 'is not a private key in PKCS#8')
  }
  return named(key, where)
}

export async function makeSigningKey(
  algorithm: Algorithm,
): Promise<{ readonly pem: string; readonly publicJwk: PublicJwk }> {
  const { privateKey } =
    algorithm === 'EdDSA' ? await promisify(generateKeyPair)('ed25519') : await promisify(generateKeyPair)('ec', P256)
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { pem, publicJwk: toPublicJwk(await named(privateKey, 'the new key')) }
}

export const toPublicJwk = ({ id, algorithm, key }: BundleKey): PublicJwk => ({
  ...publicPart(key),
  kid: id,
  alg: algorithm,
  use: 'sig',
})

const P256 = { namedCurve: 'P-256' }

const publicPart = (key: KeyObject): JsonWebKey =>
  (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })

async function named(key: KeyObject, where: string): Promise<BundleKey> {
  const algorithm = algorithmOf(key)
  if (algorithm === undefined) throw bad(where, `holds a key that is neither Ed25519 nor P-256`)
  const { calculateJwkThumbprint } = await import('jose')
  return { id: await calculateJwkThumbprint(publicPart(key), 'sha256'), algorithm, key }
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): Algorithm | undefined {
  if (asymmetricKeyType === 'ed25519') return 'EdDSA'
  return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'ES256' : undefined
}

function fromJwks(text: string, file: string): readonly KeyObject[] {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    // The parser's own message would quote the file, which may be the wrong one: a private key.
    throw bad(file, 'is not JSON')
  }
  const keys: unknown = Object.hasOwn(Object(given), 'keys') ? Object(given).keys : [given]
  if (!Array.isArray(keys)) throw bad(file, 'is not a JWK Set')
  return keys.map((jwk: unknown) => fromJwk(jwk, file))
}

function fromJwk(jwk: unknown, file: string): KeyObject {
  const { kty, d, use = 'sig', alg } = Object(jwk) as Readonly<Record<string, unknown>>
  if (kty === 'oct') throw bad(file, 'holds a shared secret: who checks with it could sign with it', PUBLIC_ONLY)
  if (d !== undefined) throw bad(file, 'holds a private key', PUBLIC_ONLY)
  if (use !== 'sig') throw bad(file, 'holds a key that is not for signatures')
  let key: KeyObject
  try {
    key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
  } catch {
    throw bad(file, 'holds a key that is no public key', PUBLIC_ONLY)
  }
  const algorithm = algorithmOf(key)
  if (alg !== undefined && algorithm !== undefined && alg !== algorithm) {
    throw bad(file, `holds a key for \`${String(alg)}\` that is one for ${algorithm}`)
  }
  return key
}

function fromPem(text: string, file: string): readonly KeyObject[] {
  return [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g)].map(([block, label = '']) => {
    if (label !== 'PUBLIC KEY') throw bad(file, `holds \`${label}\``, PUBLIC_ONLY)
    try {
      return createPublicKey(block)
    } catch {
      throw bad(file, 'holds a key that is no public key', PUBLIC_ONLY)
    }
  })
}

const PUBLIC_ONLY = 'it must hold public keys alone, as `kerbside policy keygen` prints them'
const bad = (where: string, problem: string, hint?: string): KerbsideError =>
  new KerbsideError('bundle-bad-keys', `\`${where}\` ${problem}`, hint === undefined ? {} : { hint })
