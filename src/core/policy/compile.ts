/** Cuts one identity's slice out of a bundle. Deterministic: the same bundle gives the same slice, byte for byte. */
import type { Bundle, Grant } from './bundle.ts'
import { type PodContext, pertains } from './decision/pod-condition.ts'
import { isFor, placesOf } from './places.ts'
import type { Slice, SliceGrant, SlicePlace } from './slice.ts'

/**
 * The slice of an identity; undefined when the bundle has none of that name. Grants that ask for another pod are left
 * out of it, so that what a sidecar is told is for its pod alone.
 */
export function compile(bundle: Bundle, identityName: string, pod: PodContext = {}): Slice | undefined {
  const identity = bundle.identities.get(identityName)
  if (identity === undefined) return undefined
  const cluster = bundle.clusters.get(identity.cluster)
  if (cluster === undefined) return undefined
  const { places, grants } = placesOf(bundle, identity, (grant) => pertains(grant, pod))
  const indexes = new Map(grants.map((grant, index) => [grant, index]))
  const { limits: _limits, at: _at, ...reach } = cluster
  return {
    format: 2,
    mode: bundle.mode,
    // The hash is over all documents, and asked for only where a slice is sent or recorded.
    get bundle() {
      return bundle.hash
    },
    identity: identity.name,
    team: identity.team,
    principal: identity.principal,
    secret: identity.secret,
    home: identity.home,
    ...(identity.maxStaleSeconds === undefined ? {} : { maxStaleSeconds: identity.maxStaleSeconds }),
    ...(identity.secretsThrough === undefined ? {} : { secretsThrough: identity.secretsThrough }),
    cluster: reach,
    grants: grants.map(toSliceGrant),
    places: places.map(({ grants: begin, ...place }): SlicePlace => {
      return { ...place, grants: begin.flatMap((grant) => indexes.get(grant) ?? []) }
    }),
  }
}

/** Grants of an identity that ask something of the pod: where none of them tells two pods apart, their slices are one. */
export function conditionalGrants(bundle: Bundle, identityName: string): readonly Grant[] {
  const identity = bundle.identities.get(identityName)
  if (identity === undefined) return []
  return bundle.grants.filter((grant) => grant.pods !== undefined && isFor(grant, identity))
}

function toSliceGrant({ name, at, mode, effect, actions, startsAt, expiresAt, during }: Grant): SliceGrant {
  return {
    name,
    at,
    mode,
    effect,
    actions,
    ...(startsAt === undefined ? {} : { startsAt }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(during === undefined ? {} : { during }),
  }
}
