/** Follows an authority that other processes may replace: read again and again, and each change told. */
import { isDeepStrictEqual } from 'node:util'
import { toKerbsideError } from '../../core/errors.ts'
import { pollMs } from './authority-rotation.ts'
import { type Authority, type AuthorityStore, checkAuthority, ensureAuthority, type Lives } from './certificates.ts'

export type KeepAuthorityOptions = {
  readonly store: AuthorityStore
  readonly lives: Lives
  /** After each look, with what is there. What it throws is told; it is called again after the next look. */
  readonly attend?: (authority: Authority) => Promise<void>
  /** Told once for each new reason why it could not be read or attended to. What was read before stays. */
  readonly onProblem: (problem: string, hint: string | undefined) => void
}

export type KeptAuthority = {
  current(): Authority
  /** Calls back after each change from now on. */
  onChange(changed: () => void): void
  stop(): void
}

/**
 * Resolves with the authority that is there, made now if there is none.
 * @throws KerbsideError `io-failed` when it is unusable to begin with
 */
export async function keepAuthority({ store, lives, attend, onProblem }: KeepAuthorityOptions): Promise<KeptAuthority> {
  let current = await ensureAuthority(store, Date.now(), lives)
  const listeners: (() => void)[] = []
  let isStopped = false
  let told: string | undefined

  async function look(): Promise<void> {
    const found = await store.read()
    // What was taken away is not made anew here: all that trust the present one would be cut off.
    if (found === undefined || isDeepStrictEqual(found, current)) return
    current = checkAuthority(found, Date.now())
    for (const listener of listeners) listener()
  }
  async function turn(): Promise<void> {
    const problem = await look()
      .then(() => (isStopped ? undefined : attend?.(current)))
      .then(
        () => undefined,
        (thrown: unknown) => toKerbsideError(thrown),
      )
    if (problem !== undefined && problem.message !== told) onProblem(problem.message, problem.hint)
    told = problem?.message
    schedule()
  }
  let timer: NodeJS.Timeout | undefined
  function schedule(): void {
    if (!isStopped) timer = setTimeout(turn, pollMs(lives)).unref()
  }
  schedule()
  return {
    current: () => current,
    onChange: (changed) => void listeners.push(changed),
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
