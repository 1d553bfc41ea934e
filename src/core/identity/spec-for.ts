/** The sidecar of one identity: the operator's choices, and over them the few that an identity may make for itself. */
import { parseQuantity } from '../quantity.ts'
import type { Identity } from './identity.ts'
import type { SidecarSpec } from './injection.ts'

export function specFor(spec: SidecarSpec, { tokenSeconds, sidecar }: Identity): SidecarSpec {
  return {
    ...spec,
    tokenSeconds: tokenSeconds ?? spec.tokenSeconds,
    logLevel: sidecar?.logLevel ?? spec.logLevel,
    resources: resourcesFor(spec.resources, sidecar?.resources),
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
  }
}

const lesser = (one: string, other: string | undefined): string =>
  other !== undefined && amount(other) < amount(one) ? other : one
const greater = (one: string, other: string | undefined): string =>
  other !== undefined && amount(other) > amount(one) ? other : one
const amount = (quantity: string): number => parseQuantity(quantity) ?? 0
