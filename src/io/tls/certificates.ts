/** Certificates of our own: an authority that lives ten years, and leaves that live thirty days and are kept in memory. */
import { randomBytes, X509Certificate } from 'node:crypto'
import { KerbsideError } from '../../core/errors.ts'
import { type CertifiedKey, certify, isPair } from './x509.ts'

const DAY_SECONDS = 24 * 60 * 60

/** How long our certificates are valid. */
export type Lives = { readonly authoritySeconds: number; readonly leafSeconds: number }
export const LIVES: Lives = { authoritySeconds: 3650 * DAY_SECONDS, leafSeconds: 30 * DAY_SECONDS }

/** Clocks of other machines may be behind ours: every certificate is valid from an hour ago. */
export const CLOCK_SKEW_MS = 60 * 60 * 1000
const RENEW_SHARE = 2 / 3

/** What signs leaves. `certificatePem` holds older authorities after the one whose key this is. */
export type Authority = CertifiedKey & {
  /** The authority that will sign: everybody shall trust it before it does. */
  readonly next?: CertifiedKey
}

export type Leaf = CertifiedKey & {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** When to issue the next one: at two thirds of its life. */
  readonly renewAt: number
}

/** Where an authority is kept, shared by all who issue from it. Each kind is one file under authorities/. */
export type AuthorityStore = {
  read(): Promise<Authority | undefined>
  /** Whether it was stored; false when another process was first, whose authority then holds. */
  create(authority: Authority): Promise<boolean>
  /** Puts another in its place; false when `before` is not there any more. Absent where none can be replaced. */
  replace?(before: Authority, after: Authority): Promise<boolean>
}

/**
 * The authority in the store, made now if there is none, or if it expired while no program ran that would have replaced it:
 * nobody is cut off by that who was not already. Processes that start together agree on one. `now` in ms.
 * @throws KerbsideError `io-failed`
 */
export async function ensureAuthority(store: AuthorityStore, now: number, lives: Lives = LIVES): Promise<Authority> {
  const present = await store.read()
  if (present !== undefined && (store.replace === undefined || !hasExpired(present, now))) {
    return checkAuthority(present, now)
  }
  const made = await newAuthority(now, lives)
  const isFirst = present === undefined ? store.create(made) : store.replace?.(present, after(present, made))
  if (await isFirst) return present === undefined ? made : after(present, made)
  const winner = await store.read()
  if (winner === undefined) throw new KerbsideError('io-failed', 'the certificate authority vanished while it was read')
  return checkAuthority(winner, now)
}

/** Pods that run may hold the old one still. */
const after = ({ certificatePem }: Authority, made: CertifiedKey): Authority => ({
  certificatePem: `${made.certificatePem}${certificatePem}`,
  keyPem: made.keyPem,
})

export function newAuthority(now: number, { authoritySeconds }: Lives): Promise<CertifiedKey> {
  // OpenSSL takes the first issuer that has the name: two authorities that are trusted at once must not share it.
  const commonName = `Kerbside ${new Date(now).toISOString().slice(0, 10)} ${randomBytes(4).toString('hex')}`
  return certify({ commonName, notBefore: now - CLOCK_SKEW_MS, notAfter: now + authoritySeconds * 1000 })
}

/**
 * A server certificate for these DNS names (an IP address is taken as such), signed by the authority, which it does not
 * outlive. `now` in ms.
 */
export async function issueLeaf(
  authority: Authority,
  names: readonly [string, ...string[]],
  now: number,
  { leafSeconds }: Lives = LIVES,
): Promise<Leaf> {
  // Seconds are all that a certificate knows.
  const expiresAt = Math.floor(Math.min(now + leafSeconds * 1000, expiryOf(authority)) / 1000) * 1000
  const commonName = names[0].slice(0, 64)
  const leaf = await certify({ commonName, names, notBefore: now - CLOCK_SKEW_MS, notAfter: expiresAt }, authority)
  return { ...leaf, expiresAt, renewAt: now + (expiresAt - now) * RENEW_SHARE }
}

/** When the certificate expires that stands first, in ms since the epoch. */
export const expiryOf = ({ certificatePem }: CertifiedKey): number =>
  new X509Certificate(certificatePem).validToDate.getTime()

const hasExpired = (authority: Authority, now: number): boolean => {
  checkPair(authority)
  return expiryOf(authority) <= now
}

/** @throws KerbsideError `io-failed` when it cannot sign, or has expired */
export function checkAuthority(authority: Authority, now: number): Authority {
  if (authority.next !== undefined) checkPair(authority.next)
  if (!hasExpired(authority, now)) return authority
  throw new KerbsideError('io-failed', 'the certificate authority has expired', {
    hint: 'delete its Secret or folder and restart every Kerbside program; running sidecars must be restarted too',
  })
}

function checkPair(authority: CertifiedKey): void {
  let belongTogether: boolean
  try {
    belongTogether = isPair(authority)
  } catch (cause) {
    throw new KerbsideError('io-failed', 'the certificate authority is not a certificate and a key', { cause })
  }
  if (!belongTogether) {
    throw new KerbsideError('io-failed', 'the certificate and the key of the authority do not belong together')
  }
}
