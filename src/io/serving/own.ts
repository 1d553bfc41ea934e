/** TLS of our own making: a leaf in memory, from an authority that all our programs share. */
import { isDeepStrictEqual } from 'node:util'
import { toKerbsideError } from '../../core/errors.ts'
import { givenAuthorities, knownAuthorities, trustedAuthorities } from '../tls/authority-rotation.ts'
import type { Authority, AuthorityStore, Lives } from '../tls/certificates.ts'
import { keepAuthority } from '../tls/keep-authority.ts'
import { keepLeaf } from '../tls/keep-leaf.ts'
import type { Authorities, Serving, ServingOptions } from './serving.ts'

export type OwnOptions = ServingOptions & {
  readonly store: AuthorityStore
  readonly names: readonly [string, ...string[]]
  readonly lives: Lives
  /** Sees to it that one authority follows another; absent in programs that only follow. */
  readonly rotate?: (authority: Authority) => Promise<void>
}

/**
 * Resolves when the first certificate is in use.
 * @throws KerbsideError `io-failed` when the authority is unusable to begin with
 */
export async function serveOwn({ store, names, lives, rotate, use, onProblem }: OwnOptions): Promise<Serving> {
  const listeners: (() => void)[] = []
  let authorities: Authorities | undefined
  const take = (authority: Authority): Authorities => {
    const now = Date.now()
    const found = {
      given: givenAuthorities(authority, now, lives),
      known: knownAuthorities(authority),
      trusted: trustedAuthorities(authority, now),
    }
    if (authorities === undefined) authorities = found
    if (isDeepStrictEqual(found, authorities)) return authorities
    authorities = found
    for (const listener of listeners) listener()
    return found
  }
  const kept = await keepAuthority({
    store,
    lives,
    async attend(authority) {
      take(authority)
      leaf.resign()
      await rotate?.(authority)
    },
    onProblem,
  })
  const leaf = await keepLeaf({
    authority: kept.current,
    names,
    lives,
    use,
    onProblem: (thrown) => onProblem(toKerbsideError(thrown).message, undefined),
  })
  return {
    authorities: () => authorities ?? take(kept.current()),
    onChange: (changed) => void listeners.push(changed),
    stop: () => {
      kept.stop()
      leaf.stop()
    },
  }
}
