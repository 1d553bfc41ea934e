/** What service meshes put into a pod and change of it, as far as that is known to be theirs. */
import { type JsonObject, objectAt, sameJson } from './json.ts'
import type { Pod } from './pod.ts'
import { SIDECAR_NAME } from './sidecar-container.ts'

/** Containers that must run before anything that uses the network; they need no HDFS. */
export const MESH: ReadonlySet<string> = new Set([
  'istio-init',
  'istio-validation',
  'istio-proxy',
  'linkerd-init',
  'linkerd-network-validator',
  'linkerd-proxy',
])

const PROXY = 'istio-proxy'
/** Istio has the kubelet ask its proxy, which asks the container (istio, pkg/kube/inject/app_probe.go). */
const THROUGH_PROXY = { path: `/app-health/${SIDECAR_NAME}/startupz`, port: 15_020, scheme: 'HTTP' }

/**
 * The sidecar with its own probe where Istio has changed that one to lead through its proxy: in every other field of the probe
 * it must be as it was, and the proxy must be there. All that rests on this probe is when the job begins: a proxy that answers
 * too soon gives it a gateway that refuses.
 */
export function withOwnProbe(theirs: JsonObject, ours: JsonObject, pod: Pod): JsonObject {
  const [changed, own] = [objectAt(theirs, 'startupProbe'), objectAt(ours, 'startupProbe')]
  const isThrough = sameJson(changed, { ...own, httpGet: THROUGH_PROXY })
  return isThrough && pod.containers.some(({ name }) => name === PROXY) ? { ...theirs, startupProbe: own } : theirs
}
