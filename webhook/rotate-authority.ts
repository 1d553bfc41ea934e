/** Sees to it that one authority follows another, in whichever webhook holds the Lease; all others only follow. */
import type { Logger } from 'pino'
import { rotationStep, succeed } from '../src/io/tls/authority-rotation.ts'
import { type Authority, type AuthorityStore, type Lives, newAuthority } from '../src/io/tls/certificates.ts'

export type RotationParts = {
  readonly store: AuthorityStore
  readonly lives: Lives
  /** Whether the API server was told to trust the next authority. */
  readonly isTrusted: (authority: Authority) => boolean
  /** Does the work in one of all webhooks. Resolves with whether it was this one. */
  readonly alone: (work: () => Promise<void>) => Promise<boolean>
  readonly log: Pick<Logger, 'info'>
}

/**
 * One step, when one is due. The Secret only changes from the state that the step was decided on: had two webhooks a Lease at
 * once, the second would change nothing.
 */
export async function rotateAuthority(authority: Authority, parts: RotationParts): Promise<void> {
  const { store, lives, log, alone, isTrusted } = parts
  const step = rotationStep(authority, Date.now(), lives)
  if (step === 'none') return
  // Nobody would take a certificate that it signs: the old one signs on while that is so.
  if (step === 'sign' && !isTrusted(authority)) return
  await alone(async () => {
    const after = await following(authority, lives)
    const isDone = (await store.replace?.(authority, after)) ?? false
    if (isDone) log.info({ step }, step === 'announce' ? 'a next authority is announced' : 'the next authority signs')
  })
}

async function following(authority: Authority, lives: Lives): Promise<Authority> {
  const now = Date.now()
  return authority.next === undefined
    ? { ...authority, next: await newAuthority(now, lives) }
    : succeed(authority, authority.next, { now, lives })
}
