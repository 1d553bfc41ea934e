/**
 * A sign-in under way: what only the browser that began it can show. Sealed into its cookie, so that whoever begins a million of
 * them takes no memory of ours and pushes nobody else's out.
 */
import { createHash, randomBytes } from 'node:crypto'
import { EncryptJWT, jwtDecrypt } from 'jose'

export type Attempt = {
  /** Comes back with the answer: it is one to this browser's question (RFC 6749 §10.12). */
  readonly state: string
  /** Comes back in the ID token: it was made for this sign-in (OpenID Connect Core §3.1.2.1). */
  readonly nonce: string
  /** Shown with the code: whoever stole the code does not have it (RFC 7636). */
  readonly verifier: string
  /** Where the reader wanted to go. */
  readonly to: string
}

export const ATTEMPT_SECONDS = 600

const secret = (): string => randomBytes(32).toString('base64url')

export const newAttempt = (to: string): Attempt => ({ state: secret(), nonce: secret(), verifier: secret(), to })

export const challengeOf = ({ verifier }: Attempt): string => createHash('sha256').update(verifier).digest('base64url')

export type Seal = {
  close(attempt: Attempt): Promise<string>
  /** Nothing when it is not one of ours, or too old. */
  open(sealed: string): Promise<Attempt | undefined>
}

/** @param clock milliseconds since the epoch */
export function openSeal(clock: () => number): Seal {
  const key = randomBytes(32)
  return {
    close: (attempt) =>
      new EncryptJWT({ ...attempt })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setExpirationTime(Math.floor(clock() / 1000) + ATTEMPT_SECONDS)
        .encrypt(key),
    async open(sealed) {
      try {
        const { payload } = await jwtDecrypt<Attempt>(sealed, key, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
          requiredClaims: ['exp'],
          currentDate: new Date(clock()),
        })
        const { state, nonce, verifier, to } = payload
        return { state, nonce, verifier, to }
      } catch {
        return undefined
      }
    },
  }
}
