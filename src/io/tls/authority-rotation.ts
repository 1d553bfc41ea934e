/**
 * When one authority follows another, and who trusts which meanwhile. The next one is announced at two thirds of the life of
 * the one that signs, and signs itself a twelfth of that life later: for ten years, ten months. In between it is
 * 1. known at once: a pod that holds it is as good as one that does not,
 * 2. trusted at once: it stands in the webhook configurations beside the one that signs,
 * 3. given to new pods only when every program has heard of it, so that none of them refuses what another one gave.
 * An authority that is replaced goes on being trusted until it expires, and being known for as long again.
 */
import { X509Certificate } from 'node:crypto'
import { type Authority, CLOCK_SKEW_MS, expiryOf, type Lives } from './certificates.ts'
import type { CertifiedKey } from './x509.ts'

const ANNOUNCE_SHARE = 2 / 3
const SIGN_SHARE = 1 / 12
const POLL_SHARE = 1 / 200
const LONGEST_POLL_MS = 10_000
/** Clocks differ, and one look may fail. */
const POLLS_UNTIL_HEARD = 6

export type RotationStep = 'none' | 'announce' | 'sign'

/** What is to be done about the authority now. Times are in ms since the epoch. */
export function rotationStep(authority: Authority, now: number, lives: Lives): RotationStep {
  const lifeMs = lives.authoritySeconds * 1000
  if (authority.next !== undefined) return now >= madeAt(authority.next) + lifeMs * SIGN_SHARE ? 'sign' : 'none'
  // By what is left of it and not by its age: an authority that somebody brought along may live shorter than ours.
  return now >= expiryOf(authority) - lifeMs * (1 - ANNOUNCE_SHARE) ? 'announce' : 'none'
}

/** The authority once its next one signs. What expired longer than a whole life ago is forgotten. */
export function succeed(
  authority: Authority,
  next: CertifiedKey,
  { now, lives }: { now: number; lives: Lives },
): Authority {
  const older = certificatesIn(authority.certificatePem).filter(
    (certificatePem) => expiryOf({ certificatePem, keyPem: '' }) + lives.authoritySeconds * 1000 > now,
  )
  return { certificatePem: [next.certificatePem, ...older].join(''), keyPem: next.keyPem }
}

/** How often to look whether somebody announced another one. */
export const pollMs = ({ authoritySeconds }: Lives): number =>
  Math.min(LONGEST_POLL_MS, authoritySeconds * 1000 * POLL_SHARE)

/** All that a pod may hold, in PEM. */
export const knownAuthorities = ({ certificatePem, next }: Authority): string =>
  `${certificatePem}${next?.certificatePem ?? ''}`

/** All that may have signed a certificate that is valid, or will soon. */
export const trustedAuthorities = (authority: Authority, now: number): string =>
  certificatesIn(knownAuthorities(authority))
    .filter((certificatePem) => expiryOf({ certificatePem, keyPem: '' }) > now)
    .join('')

/** When the last of these expires, in ms since the epoch. */
export const lastExpiry = (pem: string): number =>
  Math.max(0, ...certificatesIn(pem).map((certificatePem) => expiryOf({ certificatePem, keyPem: '' })))

/** What a new pod is given. */
export function givenAuthorities(authority: Authority, now: number, lives: Lives): string {
  const { next, ...present } = authority
  const isHeard = next !== undefined && now >= madeAt(next) + pollMs(lives) * POLLS_UNTIL_HEARD
  // One that has expired is better than none: the sidecar then says what is wrong.
  return trustedAuthorities(isHeard ? authority : present, now) || present.certificatePem
}

const madeAt = ({ certificatePem }: CertifiedKey): number =>
  new X509Certificate(certificatePem).validFromDate.getTime() + CLOCK_SKEW_MS

/** One by one, each as it is written here. */
export const certificatesIn = (pem: string): string[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []).map((one) => `${one}\n`)
