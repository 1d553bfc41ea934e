/** Signed policies for tests, made as we make them, and forged as an attacker would who knows the format and all public keys. */
import { createHmac, createPrivateKey, type KeyObject } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CompactSign } from 'jose'
import { sortedJson } from '../../../src/core/policy/language/build-bundle.ts'
import { payloadOf } from '../../../src/io/policy/bundle.ts'
import {
  type Algorithm,
  type BundleKey,
  makeSigningKey,
  type PublicJwk,
  signingKey,
} from '../../../src/io/policy/bundle-keys.ts'
import { sign } from '../../../src/io/policy/bundle-signature.ts'
import { readPolicyDirectory } from '../../../src/io/policy/directory.ts'
import { folderWith, SMALL } from './folder.ts'

export type Signer = { readonly pem: string; readonly jwk: PublicJwk; readonly key: BundleKey }

export async function signer(algorithm: Algorithm = 'EdDSA'): Promise<Signer> {
  const { pem, publicJwk } = await makeSigningKey(algorithm)
  return { pem, jwk: publicJwk, key: await signingKey(pem, 'a test') }
}

export const jwks = (...signers: readonly Signer[]): string => JSON.stringify({ keys: signers.map(({ jwk }) => jwk) })

/** What would be signed of a directory. */
export async function payloadFrom(directory: string, sequence: number): Promise<string> {
  const read = await readPolicyDirectory(directory)
  if ('problems' in read) throw new Error(JSON.stringify(read.problems))
  const sources = read.documents().map(({ source }) => source)
  return payloadOf({ bundle: read.bundle, sources }, { sequence })
}

/** A small policy, signed; `policy` is the text of its one file. */
export async function signed(sequence: number, { key }: Signer, policy: string = SMALL): Promise<string> {
  return sign(await payloadFrom(folderWith({ 'a.yaml': policy }), sequence), key)
}

export const partsOf = (text: string): readonly [header: string, payload: string, signature: string] => {
  const [header = '', payload = '', signature = ''] = text.trim().split('.')
  return [header, payload, signature]
}

export const encoded = (value: object | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
export const decoded = (part: string): string => Buffer.from(part, 'base64url').toString()

export const rightHeader = ({ key }: Signer): Readonly<Record<string, unknown>> => ({
  alg: key.algorithm,
  kid: key.id,
  typ: 'kerbside-policy+jws',
})

/** Signed well, by a key that is trusted, whatever it says. */
export async function signedAs(header: object, payload: string | Uint8Array, { pem }: Signer): Promise<string> {
  const { alg } = header as { readonly alg: string }
  const signing = new CompactSign(Buffer.from(payload)).setProtectedHeader({ ...header, alg })
  return signing.sign(createPrivateKey(pem), { crit: { 'x-none': true } })
}

/** With HMAC, and a secret that everybody knows. */
export function macOf(header: object, payload: string, secret: KeyObject | string): string {
  const input = `${encoded(header)}.${payload}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/** Fields of a payload, changed, in the form that a payload has. */
export const changed = (payload: string, change: (fields: Record<string, unknown>) => void): string => {
  const fields = JSON.parse(payload) as Record<string, unknown>
  change(fields)
  return sortedJson(fields)
}

/** A folder with keys in `keys.json` and maybe a bundle in `policy.jws`. */
export function folderOf(
  keys: string,
  bundle?: string,
): { readonly bundle: string; readonly keys: string; put(text: string): void; trust(text: string): void } {
  const folder = folderWith({ 'keys.json': keys, ...(bundle === undefined ? {} : { 'policy.jws': bundle }) })
  const paths = { bundle: join(folder, 'policy.jws'), keys: join(folder, 'keys.json') }
  return {
    ...paths,
    put: (text) => replace(paths.bundle, text),
    trust: (text) => replace(paths.keys, text),
  }
}

/** At once, so that no half of it is seen. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

/** One bit the other way. */
export function flipped(text: string, at: number, bit: number): string {
  const bytes = Buffer.from(text, 'latin1')
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
  return bytes.toString('latin1')
}
