/** The user that a sidecar runs as: a fixed one, or on OpenShift one of those that the namespace may have. */
import { numberAt, objectAt } from './json.ts'
import type { Pod } from './pod.ts'
import { SIDECAR_USER } from './sidecar-container.ts'

/** Annotation of an OpenShift namespace: `1000680000/10000` or `1000680000-1000689999`. */
export const USER_RANGE_ANNOTATION = 'openshift.io/sa.scc.uid-range'
/** OpenShift's own ranges lie here (`uidAllocatorRange`); no image has a user as high. */
const LEAST = 1_000_000_000
const MOST = 2 ** 31 - 1

/**
 * The last of the range, since containers that name no user run as its first. Where the range is not known (the broker, the
 * command line) a sidecar may hold any user that could be of one: that no other container has it is checked apart.
 */
export function sidecarUser(pod: Pod, range: string | undefined): number {
  const last = range === undefined ? undefined : lastOf(range)
  if (last !== undefined) return last
  const held = heldUser(pod)
  return held !== undefined && isOfARange(held) ? held : SIDECAR_USER
}

/** Who the sidecar in the pod runs as; undefined when there is none. */
export function heldUser({ containers }: Pod): number | undefined {
  const sidecar = containers.find(({ isSidecar }) => isSidecar)
  return sidecar === undefined ? undefined : numberAt(objectAt(sidecar.raw, 'securityContext'), 'runAsUser')
}

/** Undefined for a range with one user, which the job has, and for what is no range of OpenShift's. */
function lastOf(range: string): number | undefined {
  const [, from = '', sign, to = ''] = /^(\d{1,10})([/-])(\d{1,10})$/.exec(range) ?? []
  const first = Number(from)
  const last = sign === '/' ? first + Number(to) - 1 : Number(to)
  return sign !== undefined && first >= LEAST && last > first && isOfARange(last) ? last : undefined
}

const isOfARange = (user: number) => Number.isInteger(user) && user >= LEAST && user <= MOST
