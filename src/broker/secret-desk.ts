/**
 * Gives a caller the secrets of its identity: those that policy names, where policy says that it asks through us. The caller
 * names none of them. Everything else is a refusal, and all that leaves is in the log first.
 */
import type { Logger } from 'pino'
import type { Release } from '../core/audit/record.ts'
import { type ErrorCode, KerbsideError } from '../core/errors.ts'
import { type Handed, isSecretCode } from '../core/identity/secrets-answer.ts'
import { secretsOf, type WantedSecret } from '../core/identity/secrets-of.ts'
import type { Bundle } from '../core/policy/bundle.ts'
import { isAllowed } from './allowed.ts'
import type { Caller, Refusal } from './caller.ts'
import { refuse } from './caller.ts'
import type { SecretFlights } from './secret-flights.ts'

export type HandOut = {
  readonly handed: readonly Handed[]
  /** Says that the bytes are sent, or will not be. */
  leave(): void
}

export type SecretDesk = {
  /** @throws KerbsideError `not-ready` when it cannot be said now; what the store says of a secret stands in its place */
  handOut(caller: Caller): Promise<HandOut | Refusal>
}

export type DeskParts = {
  readonly flights: SecretFlights
  readonly bundle: () => Bundle | undefined
  readonly log: Logger
  readonly onRead: (outcome: 'given' | ErrorCode) => void
  /** Resolves when it is on disk what was handed out. @throws KerbsideError `audit-unwritable`: then nothing is */
  readonly record?: ((caller: Caller, releases: readonly Release[]) => Promise<void>) | undefined
}

export function secretDesk({ flights, bundle, log, onRead, record }: DeskParts): SecretDesk {
  const take = async (ref: WantedSecret, { podUid }: Caller): Promise<Given> => {
    try {
      const { secret, leave } = await flights.take(ref, podUid)
      onRead('given')
      return { ref, handed: { key: ref.key, ...secret }, leave }
    } catch (thrown) {
      const { code: failed, message, hint, cause } = toStoreError(thrown)
      // A cluster may have one file of configuration and not the other.
      const level = failed === 'secret-not-found' ? 'warn' : 'error'
      log[level]({ code: failed, hint, cause: cause instanceof Error ? cause.name : undefined }, message)
      onRead(failed)
      return { ref, handed: { key: ref.key, failed }, leave: () => {} }
    }
  }
  return {
    async handOut(caller) {
      const wanted = wantedBy(caller, bundle())
      if ('reason' in wanted) return wanted
      const given = await Promise.all(wanted.map((ref) => take(ref, caller)))
      const leave = () => {
        for (const one of given) one.leave()
      }
      try {
        const still = wantedBy(caller, bundle())
        if ('reason' in still) {
          leave()
          return still
        }
        if (JSON.stringify(still) !== JSON.stringify(wanted))
          throw new KerbsideError('not-ready', 'policy has just changed')
        note(log, caller, given)
        await record?.(caller, given.map(toRelease))
        return { handed: given.map(({ handed }) => handed), leave }
      } catch (thrown) {
        leave()
        throw thrown
      }
    },
  }
}

type Given = { readonly ref: WantedSecret; readonly handed: Handed; leave(): void }

/** What the policy in force gives a caller; asked again when the secrets are there, since that took a moment. */
function wantedBy(caller: Caller, bundle: Bundle | undefined): readonly WantedSecret[] | Refusal {
  if (bundle === undefined) throw new KerbsideError('not-ready', 'no policy is loaded')
  const identity = bundle.identities.get(caller.identity)
  if (identity === undefined || !isAllowed(caller, bundle)) return refuse('pod-refused', 'policy does not allow it')
  const cluster = bundle.clusters.get(identity.cluster)
  if (cluster === undefined) return refuse('pod-refused', 'policy has no such cluster')
  if (identity.secretsThrough !== 'broker')
    return refuse('secrets-direct', 'policy does not say `secretsThrough: broker`')
  return secretsOf({ secret: identity.secret, cluster })
}

function note(
  log: Logger,
  { namespace, pod, podUid, serviceAccount, identity }: Caller,
  given: readonly Given[],
): void {
  const secrets = given.flatMap(({ ref, handed }) => ('version' in handed ? [{ ...ref, version: handed.version }] : []))
  log.info({ namespace, pod, podUid, serviceAccount, identity, secrets }, 'secrets handed out')
}

const toRelease = ({ ref: { path, key }, handed }: Given): Release => ({
  path,
  key,
  ...('version' in handed ? { version: String(handed.version), outcome: 'given' } : { outcome: handed.failed }),
})

/** A store throws nothing else; what it throws all the same may say anything, and is not repeated. */
function toStoreError(thrown: unknown): KerbsideError {
  if (thrown instanceof KerbsideError && isSecretCode(thrown.code)) return thrown
  return new KerbsideError('secret-unavailable', 'the secret store failed in an unknown way', { cause: thrown })
}
