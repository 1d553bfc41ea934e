/**
 * The signature around a policy bundle: a compact JWS (RFC 7515) in the one form that we write ourselves. Whatever else the
 * standard allows in a header is refused, since each of it has been a hole somewhere: keys brought along, `none`, `crit`.
 * jose is loaded by the first signature: most programs meet none.
 */
import { KerbsideError } from '../../core/errors.ts'
import { ALGORITHMS, type Algorithm, type BundleKey, type TrustedKeys } from './bundle-keys.ts'

/** Keeps a signature of the same key over something else from being one over a policy. */
const TYPE = 'kerbside-policy+jws'

export type Header = { readonly alg: Algorithm; readonly kid: string; readonly typ: typeof TYPE }

/** What a bundle says of itself, by nobody's word. */
export type Envelope = { readonly header: Header; readonly payload: Uint8Array }

/** The bundle as it is written to a file. With EdDSA the same payload gives the same bytes; ES256 has chance in it. */
export async function sign(payload: string, { id, algorithm, key }: BundleKey): Promise<string> {
  const { CompactSign } = await import('jose')
  const header: Header = { alg: algorithm, kid: id, typ: TYPE }
  return `${await new CompactSign(new TextEncoder().encode(payload)).setProtectedHeader(header).sign(key)}\n`
}

/**
 * Takes it apart without believing any of it.
 * @throws KerbsideError `bundle-malformed`, `bundle-unsigned`, `bundle-wrong-type`, `bundle-wrong-algorithm`
 */
export function openUnverified(text: string): Envelope {
  const [header = '', payload = '', signature, ...more] = withoutLineEnd(text).split('.', 4)
  if (signature === undefined || more.length > 0) {
    if (text.startsWith('{')) {
      const hint = 'kerbside policy build signs when it is given --key'
      throw new KerbsideError('bundle-unsigned', 'the bundle is not signed', { hint })
    }
    throw malformed('is not three parts with a dot between')
  }
  const read = readHeader(decode(header, 'header'))
  decode(signature, 'signature')
  return { header: read, payload: decode(payload, 'payload') }
}

/**
 * The payload, signed by a trusted key.
 * @throws KerbsideError as {@link openUnverified}, and `bundle-unknown-key`, `bundle-wrong-algorithm`, `bundle-bad-signature`
 */
export async function openVerified(
  text: string,
  keys: TrustedKeys,
): Promise<{ readonly payload: string; readonly key: BundleKey }> {
  const { header } = openUnverified(text)
  const key = keys.get(header.kid)
  if (key === undefined) {
    const hint = `trusted are ${[...keys.keys()].map((id) => `\`${id}\``).join(', ')}`
    throw new KerbsideError('bundle-unknown-key', `the bundle is signed by key \`${header.kid}\``, { hint })
  }
  if (key.algorithm !== header.alg) {
    const message = `the bundle is signed by ${header.alg}, and key \`${key.id}\` is for ${key.algorithm}`
    throw new KerbsideError('bundle-wrong-algorithm', message)
  }
  const { compactVerify, errors } = await import('jose')
  try {
    const { payload } = await compactVerify(withoutLineEnd(text), key.key, { algorithms: [key.algorithm] })
    return { payload: toText(payload), key }
  } catch (cause) {
    if (!(cause instanceof errors.JOSEError)) throw cause
    throw new KerbsideError('bundle-bad-signature', `the signature is not one of key \`${key.id}\``, { cause })
  }
}

/** @throws KerbsideError `bundle-malformed` */
export function toText(payload: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload)
  } catch {
    throw malformed('holds something else than UTF-8')
  }
}

function readHeader(bytes: Uint8Array): Header {
  const text = toText(bytes)
  let fields: ReadonlyMap<string, unknown>
  try {
    fields = new Map(Object.entries(Object(JSON.parse(text))))
  } catch {
    throw malformed('has a header that is not JSON')
  }
  const typ = fields.get('typ')
  if (typ !== TYPE) throw new KerbsideError('bundle-wrong-type', `the type in the header is not \`${TYPE}\``)
  const alg = ALGORITHMS.find((known) => known === fields.get('alg'))
  if (alg === undefined) {
    const message = `the algorithm in the header is none of ${ALGORITHMS.join(', ')}`
    throw new KerbsideError('bundle-wrong-algorithm', message)
  }
  const kid = fields.get('kid')
  // A thumbprint: 32 bytes.
  if (typeof kid !== 'string' || !/^[\w-]{43}$/.test(kid)) throw malformed('names no key')
  const header: Header = { alg, kid, typ }
  if (JSON.stringify(header) !== text) throw malformed('has a header with something else than `alg`, `kid` and `typ`')
  return header
}

/** Strictly: bits that a lenient decoder passes over would be a second text for one bundle. */
function decode(part: string, name: string): Uint8Array {
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.toString('base64url') === part) return bytes
  throw malformed(`has a ${name} that is not base64url`)
}

/** Editors and shells end a file with a line end. */
const withoutLineEnd = (text: string): string => (text.endsWith('\n') ? text.slice(0, -1) : text)

const malformed = (problem: string): KerbsideError => new KerbsideError('bundle-malformed', `the bundle ${problem}`)
