/**
 * What the broker answers to a sidecar that asks for its secrets: a line of JSON that says what follows, then the bytes of
 * each as they are, so that no key ever stands in a text that cannot be wiped. Inverse functions, one for each end.
 */
import { ERRORS, type ErrorCode, KerbsideError } from '../errors.ts'

/** Either the secret, or why the store did not give it. */
export type Handed = {
  readonly key: string
} & (
  | { readonly bytes: Uint8Array; readonly version: string; readonly expiresAt?: number }
  | { readonly failed: ErrorCode }
)

/** Stores stop at 1 MiB each. */
const LARGEST_SECRET_BYTES = 1 << 20
const LONGEST_HEAD = 16 << 10
const LINE_FEED = 10

/** The line, with its line feed. The bytes of those that were given follow it in their order. */
export function writeSecretsHead(all: readonly Handed[]): string {
  const rows = all.map((one) => {
    if ('failed' in one) return one
    const { bytes, ...rest } = one
    return { ...rest, length: bytes.length }
  })
  return `${JSON.stringify(rows).replace(/[^\x20-\x7e]/g, escaped)}\n`
}

/**
 * Both parts of an answer. The bytes are views of what was given, not copies.
 * @throws KerbsideError `secret-malformed`, which quotes nothing of it
 */
export function readSecrets(answer: Uint8Array): readonly Handed[] {
  const end = answer.subarray(0, LONGEST_HEAD).indexOf(LINE_FEED)
  if (end < 0) throw malformed('has no first line')
  const rows = parse(Array.from(answer.subarray(0, end), (byte) => String.fromCharCode(byte)).join(''))
  if (!Array.isArray(rows)) throw malformed('does not say what it holds')
  let at = end + 1
  const handed = rows.map((row): Handed => {
    const { length, ...rest } = readRow(row)
    if ('failed' in rest) return rest
    if (at + length > answer.length) throw malformed('is cut off')
    at += length
    return { ...rest, bytes: answer.subarray(at - length, at) }
  })
  if (at < answer.length) throw malformed('holds more than it says')
  if (new Set(handed.map(({ key }) => key)).size < handed.length) throw malformed('names a secret twice')
  return handed
}

type Row =
  | { readonly key: string; readonly failed: ErrorCode; readonly length: 0 }
  | { readonly key: string; readonly version: string; readonly expiresAt?: number; readonly length: number }

function readRow(given: unknown): Row {
  const row = new Map<string, unknown>(Object.entries(Object(given)))
  const [key, version, length, failed, expiresAt] = ['key', 'version', 'length', 'failed', 'expiresAt'].map((name) =>
    row.get(name),
  )
  if (typeof key !== 'string') throw malformed('has a secret without a name')
  if (failed !== undefined) {
    if (isSecretCode(failed)) return { key, failed, length: 0 }
    throw malformed('has a reason that is none')
  }
  const isLength = Number.isInteger(length) && Number(length) >= 0 && Number(length) <= LARGEST_SECRET_BYTES
  if (!isLength || typeof version !== 'string') throw malformed('has a secret without length or version')
  if (expiresAt !== undefined && !Number.isFinite(expiresAt)) throw malformed('has a secret that expires at no time')
  return { key, version, length: Number(length), ...(expiresAt === undefined ? {} : { expiresAt: Number(expiresAt) }) }
}

/** Only what a store may say: another code would make a sidecar do something else than wait and ask again. */
export const isSecretCode = (given: unknown): given is ErrorCode =>
  typeof given === 'string' && given.startsWith('secret-') && Object.hasOwn(ERRORS, given)

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw malformed('is not understood')
  }
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
const malformed = (what: string): KerbsideError =>
  new KerbsideError('secret-malformed', `the answer of the broker ${what}`)
