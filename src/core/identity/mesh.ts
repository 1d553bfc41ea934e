/** What service meshes put into a pod and change of it, as far as that is known to be theirs. */
import { type JsonObject, objectAt, sameJson } from './json.ts'
import { nameOf, type Pod } from './pod.ts'
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

const PROXIES: ReadonlySet<string> = new Set([PROXY, 'linkerd-proxy'])
/** By these somebody says what goes past the proxy: whether that is enough is his to know. */
const PAST_THE_PROXY = [
  'traffic.sidecar.istio.io/excludeOutboundPorts',
  'traffic.sidecar.istio.io/excludeOutboundIPRanges',
  'traffic.sidecar.istio.io/includeOutboundIPRanges',
  'traffic.sidecar.istio.io/includeOutboundPorts',
  'config.linkerd.io/skip-outbound-ports',
  'config.linkerd.io/skip-subnets',
]

/** A proxy that is no native sidecar is not there yet when ours says its first word, and the network leads to it all the same. */
export function lateProxies({ containers, annotations }: Pod): readonly string[] {
  // Istio itself writes that everything goes to it.
  if (PAST_THE_PROXY.some((key) => !['', '*'].includes(annotations.get(key) ?? ''))) return []
  return containers
    .filter(({ list, name }) => list === 'containers' && PROXIES.has(name))
    .map(
      (container) =>
        `${nameOf(container)} starts with the job, but the sidecar needs the network before: have the mesh inject it as a native sidecar, or exclude the ports of HDFS, KDC, broker and secret store`,
    )
}
