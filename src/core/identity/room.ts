/**
 * How much of a node a sidecar may ask for without changing what its pod is to Kubernetes: the class of a pod (QoS) decides
 * which pods go first when a node runs short (k8s.io/kubernetes, pkg/apis/core/v1/helper/qos).
 */
import { parseQuantity } from '../quantity.ts'
import { type JsonObject, member, objectAt } from './json.ts'
import { othersIn, type Pod } from './pod.ts'

/**
 * - `guaranteed`: every container asks for exactly its limits, and so must the sidecar.
 * - `limited`: every container has a limit of CPU, as a quota may want it.
 * - `burstable`: anything else; the sidecar asks for little, and only its memory is limited.
 * - `none`: no container asks for anything (the class BestEffort), or the pod asks as a whole and the sidecar has a part in that.
 */
export type Room = 'guaranteed' | 'limited' | 'burstable' | 'none'

/** @param isPolicys whether the identity itself says what its sidecars ask for */
export function roomIn(pod: Pod, isPolicys: boolean): Room {
  if (asksAsAWhole(pod)) return 'none'
  const asked = othersIn(pod).filter(({ list }) => list !== 'ephemeralContainers')
  const amounts = asked.map(({ raw }) => amountsOf(objectAt(raw, 'resources')))
  if (amounts.every(({ requests, limits }) => requests.size + limits.size === 0))
    return isPolicys ? 'burstable' : 'none'
  if (amounts.every(({ requests, limits }) => KINDS.every((kind) => isSame(limits.get(kind), requests.get(kind))))) {
    return 'guaranteed'
  }
  return amounts.every(({ limits }) => limits.has('cpu')) ? 'limited' : 'burstable'
}

const KINDS = ['cpu', 'memory'] as const

/** Since Kubernetes 1.34 a pod may have resources of its own; then the sum of its containers' must fit into them. */
const asksAsAWhole = ({ spec }: Pod): boolean =>
  ['requests', 'limits'].some((list) => Object.keys(objectAt(objectAt(spec, 'resources'), list)).length > 0)

/** What a pod that asks as a whole leaves too small for a sidecar: `limits.memory`, with the least it must be. */
export function tooSmall(
  { spec }: Pod,
  { cpuRequest, memoryLimit }: { readonly cpuRequest: string; readonly memoryLimit: string },
): readonly { readonly field: string; readonly least: string }[] {
  const limits = amountsIn(objectAt(objectAt(spec, 'resources'), 'limits'))
  const wanted = { cpu: cpuRequest, memory: memoryLimit }
  return KINDS.filter((kind) => {
    const limit = limits.get(kind)
    return limit !== undefined && limit < (parseQuantity(wanted[kind]) ?? 0)
  }).map((kind) => ({ field: `limits.${kind}`, least: wanted[kind] }))
}

const isSame = (limit: number | undefined, request: number | undefined) => limit !== undefined && limit === request

/** A request that is not there is the limit, which is how the API server fills it in. */
function amountsOf(resources: JsonObject) {
  const limits = amountsIn(objectAt(resources, 'limits'))
  return { limits, requests: new Map([...limits, ...amountsIn(objectAt(resources, 'requests'))]) }
}

/** Nothing of a thing is as if it was not there. */
function amountsIn(list: JsonObject): ReadonlyMap<string, number> {
  const amounts = new Map<string, number>()
  for (const kind of KINDS) {
    const given = member(list, kind)
    const amount = given === undefined ? 0 : (parseQuantity(String(given)) ?? 0)
    if (amount > 0) amounts.set(kind, amount)
  }
  return amounts
}
