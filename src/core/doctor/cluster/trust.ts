/** Which authorities the API server takes for ours, until when, and whether our programs serve by one of them. */
import type { JsonObject } from '../../identity/json.ts'
import { duration } from '../duration.ts'
import { ok, type Said } from '../finding.ts'
import { argumentsOf } from './objects.ts'

/** A certificate that was read. */
export type Authority = { readonly fingerprint: string; readonly endsAt: number }

export type Trust = {
  /** By configuration; undefined for one whose `caBundle` is no certificates. */
  readonly bundles: ReadonlyMap<string, readonly Authority[] | undefined>
  /** What our Secret holds; undefined where it may not be read or is empty. */
  readonly signing: readonly Authority[] | undefined
  /** Of our programs: where certificates come from elsewhere, the Secret may hold what they signed by before. */
  readonly deployments: readonly JsonObject[]
}

const SOON_MS = 30 * 86_400_000
const ADVICE =
  'the webhooks write it within ten seconds when one runs: see their log; with certificates of your own, your injector does'

/** @param now milliseconds since the epoch */
export function lookAtTrust({ bundles, signing, deployments }: Trust, now: number): readonly Said[] {
  const isOurs = !deployments.some((each) => argumentsOf(each).some((word) => word.startsWith('--tls-files')))
  return [...bundles].map(([about, authorities]): Said => {
    if (authorities === undefined)
      return { state: 'fail', about, says: 'its caBundle is not certificates', advice: ADVICE }
    if (authorities.length === 0)
      return { state: 'fail', about, says: 'it has no caBundle: no call to us succeeds', advice: ADVICE }
    const ends = Math.max(...authorities.map(({ endsAt }) => endsAt))
    if (ends <= now)
      return { state: 'fail', about, says: `its authority expired ${duration(now - ends)} ago`, advice: ADVICE }
    const held = new Set(authorities.map(({ fingerprint }) => fingerprint))
    if (isOurs && signing !== undefined && !signing.some(({ fingerprint }) => held.has(fingerprint))) {
      const says = 'it trusts another authority than the one that our programs have: no call to us succeeds'
      return { state: 'fail', about, says, advice: ADVICE }
    }
    if (ends - now < SOON_MS) {
      const advice = 'the webhook that holds the Lease kerbside-authority makes the next one: see its log'
      return { state: 'warn', about, says: `its last authority ends in ${duration(ends - now)}`, advice }
    }
    return ok(
      `${authorities.length} ${authorities.length === 1 ? 'authority' : 'authorities'}, for ${duration(ends - now)}`,
      about,
    )
  })
}
