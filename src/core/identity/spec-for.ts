/**
 * The sidecar of one identity in one pod: the operator's choices, over them the few that an identity may make for itself, and
 * what follows from the pod.
 */
import { parseQuantity } from '../quantity.ts'
import { readAnnotations } from './annotations.ts'
import type { Identity } from './identity.ts'
import type { SidecarSpec } from './injection.ts'
import type { Pod } from './pod.ts'
import { roomIn } from './room.ts'
import { sidecarUser } from './sidecar-user.ts'

/** Where the sidecar is to stand. */
export type Place = {
  readonly pod: Pod
  /** Of the namespace, as OpenShift writes it; if absent there is none, or it is not known. */
  readonly userRange?: string | undefined
}

export function specFor(
  spec: SidecarSpec,
  { tokenSeconds, sidecar }: Identity,
  { pod, userRange }: Place,
): SidecarSpec {
  return {
    ...spec,
    tokenSeconds: tokenSeconds ?? spec.tokenSeconds,
    logLevel: readAnnotations(pod).choices.logLevel ?? sidecar?.logLevel ?? spec.logLevel,
    resources: resourcesFor(spec.resources, sidecar?.resources),
    room: roomIn(pod, sidecar?.resources !== undefined),
    user: sidecarUser(pod, userRange),
  }
}

type Given = NonNullable<NonNullable<Identity['sidecar']>['resources']>

/** Where an identity gives only one of request and limit, the operator's other one moves so far that the pod is possible. */
function resourcesFor(
  ours: SidecarSpec['resources'],
  { requests = {}, limits = {} }: Given = {},
): SidecarSpec['resources'] {
  const memoryLimit = limits.memory ?? greater(ours.memoryLimit, requests.memory)
  return {
    cpuRequest: requests.cpu ?? lesser(ours.cpuRequest, limits.cpu),
    ...(limits.cpu === undefined ? {} : { cpuLimit: limits.cpu }),
    memoryRequest: requests.memory ?? lesser(ours.memoryRequest, memoryLimit),
    memoryLimit,
    limitedCpu: limits.cpu ?? greater(ours.limitedCpu, requests.cpu),
  }
}

const lesser = (one: string, other: string | undefined): string =>
  other !== undefined && amount(other) < amount(one) ? other : one
const greater = (one: string, other: string | undefined): string =>
  other !== undefined && amount(other) > amount(one) ? other : one
const amount = (quantity: string): number => parseQuantity(quantity) ?? 0
