/** What a Hadoop delegation token says of itself, and when to renew or replace it. The password in it is never read. */
import { ByteReader, Truncated, utf8Text } from '../byte-reader.ts'
import { KerbsideError } from '../errors.ts'

/** From `AbstractDelegationTokenIdentifier`. Times are milliseconds since the epoch, by the NameNode's clock. */
export type TokenIdentifier = {
  readonly owner: string
  readonly renewer: string
  readonly issuedAt: number
  /** When it ends, however often it is renewed (7 days unless the cluster says otherwise). */
  readonly maxAt: number
  /** Names the token in logs; of no use to anyone else. */
  readonly sequenceNumber: number
}

/** A token that is kept: when it was last renewed, and until when that holds. */
export type TokenTimes = {
  readonly issuedAt: number
  readonly renewedAt: number
  readonly expiresAt: number
  readonly maxAt: number
}

export type TokenStep =
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'renew' }
  | { readonly do: 'replace' }

/** Shares of the renewal interval and of the whole life, each up to a twentieth earlier, so that pods do not ask together. */
const RENEW_SHARE = 0.75
const REPLACE_SHARE = 0.9
const SPREAD = 0.05

/**
 * Identifier of a token from the bytes of its URL-safe base64 form (`Token.decodeFromUrlString`).
 * @throws KerbsideError `hdfs-broken-answer` for anything else
 */
export function readTokenIdentifier(token: Uint8Array): TokenIdentifier {
  try {
    const outer = new ByteReader(token)
    const reader = new ByteReader(outer.take(readVlong(outer)))
    if (reader.u8() !== 0)
      throw new KerbsideError('hdfs-broken-answer', 'the delegation token is of an unknown version')
    const owner = readText(reader)
    const renewer = readText(reader)
    readText(reader) // real user
    const issuedAt = readVlong(reader)
    const maxAt = readVlong(reader)
    const sequenceNumber = readVlong(reader)
    return { owner, renewer, issuedAt, maxAt, sequenceNumber }
  } catch (error) {
    if (error instanceof Truncated) throw new KerbsideError('hdfs-broken-answer', 'the delegation token is cut off')
    throw error
  }
}

/** What to do with a token now. `jitter` is in [0, 1), drawn once for each token and renewal. */
export function nextTokenStep(token: TokenTimes, now: number, jitter: number): TokenStep {
  const early = SPREAD * jitter
  const replaceAt = token.issuedAt + (token.maxAt - token.issuedAt) * (REPLACE_SHARE - early)
  if (now >= replaceAt || now >= token.expiresAt) return { do: 'replace' }
  const renewAt = token.renewedAt + (token.expiresAt - token.renewedAt) * (RENEW_SHARE - early)
  if (now >= renewAt) return { do: 'renew' }
  return { do: 'wait', ms: Math.min(replaceAt, renewAt) - now }
}

/** `Text`: length as a vint, then UTF-8. */
function readText(reader: ByteReader): string {
  return utf8Text(reader.take(readVlong(reader)))
}

/** `WritableUtils.readVLong`, for numbers that are not negative. Dates fit a double exactly. */
function readVlong(reader: ByteReader): number {
  const first = reader.u8()
  if (first < 0x80) return first
  // 0x8f is one byte to follow, 0x88 eight; every other first byte says that the number is negative.
  if (first < 0x88 || first > 0x8f) {
    throw new KerbsideError('hdfs-broken-answer', 'the delegation token has a negative length or date')
  }
  let value = 0
  for (let left = 0x90 - first; left > 0; left--) value = value * 256 + reader.u8()
  return value
}
