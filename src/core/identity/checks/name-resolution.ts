/**
 * Whether the pod could make a name that the sidecar trusts lead somewhere else: `/etc/hosts` is one file for the whole
 * pod. TLS with our own CA and mutual authentication would fail closed; this says so before the job starts.
 */
import type { SliceCluster } from '../../policy/slice.ts'
import { type Denial, denial } from '../admission.ts'
import type { Injection } from '../injection.ts'
import { objectAt, objectsAt, textAt, textsAt } from '../json.ts'
import type { Pod } from '../pod.ts'
import type { Check } from './check.ts'

export const nameResolution: Check = (pod, { injection, cluster }) => {
  const isTrusted = trustedNames(injection, cluster)
  const aliases = objectsAt(pod.spec, 'hostAliases').flatMap((alias) => textsAt(alias, 'hostnames'))
  return [
    ...aliases
      .filter(isTrusted)
      .map((name) => denial('host-alias', { where: `hostAliases \`${name}\``, change: 'remove that name' })),
    ...ownNames(pod)
      .filter(([, name]) => isTrusted(name))
      .map(([field, name]) => denial('host-alias', { where: `${field} \`${name}\``, change: 'choose another name' })),
    ...customDns(pod),
  ]
}

/** The kubelet writes the name of the pod into `/etc/hosts` too, and a pod may be called `nn1.example.com`. */
function ownNames(pod: Pod): [field: string, name: string][] {
  const { spec } = pod
  return [
    ['metadata.name', pod.name],
    ['hostname', textAt(spec, 'hostname') ?? ''],
    ['hostnameOverride', textAt(spec, 'hostnameOverride') ?? ''],
  ]
}

function customDns({ spec }: Pod): Denial[] {
  const [servers, domains] = ['nameservers', 'searches'].map((list) => textsAt(objectAt(spec, 'dnsConfig'), list))
  return [
    ...(textAt(spec, 'dnsPolicy') === 'None' ? ['set dnsPolicy to `ClusterFirst`'] : []),
    ...(servers?.length ? ['remove `dnsConfig.nameservers`'] : []),
    // Tried before the name itself: `nn1.lab` would be looked for below them.
    ...(domains?.length ? ['remove `dnsConfig.searches`, and write names out in full'] : []),
  ].map((change) => denial('custom-dns', { change }))
}

function trustedNames(injection: Injection, cluster: SliceCluster | undefined): (name: string) => boolean {
  const specs = [injection.current, ...injection.earlier]
  const urls = [...specs.flatMap(({ broker, storeUrl }) => [broker, storeUrl]), ...(cluster?.nameNodes ?? [])]
  const realms = cluster === undefined ? [] : [cluster, ...(cluster.realms ?? [])]
  const kdcs = realms.flatMap(({ kdcs }) => kdcs).map((address) => address.replace(/:\d+$/, ''))
  const patterns = cluster?.dataNodeHosts ?? []
  const names = new Set([...urls.map(hostOf), ...kdcs, ...patterns].map(canonicalName))
  const suffixes = patterns.filter((name) => name.startsWith('*.')).map((name) => canonicalName(name.slice(1)))
  return (given) => {
    const name = canonicalName(given)
    return name !== '' && (names.has(name) || suffixes.some((suffix) => name.endsWith(suffix)))
  }
}

/** `https://nn1.lab:9871/x` is `nn1.lab`; what is no URL is nothing. */
const hostOf = (url: string) => /^https?:\/\/([^/:?#]+)/.exec(url)?.[1] ?? ''

/** DNS does not care for case, nor for the dot of the root. */
const canonicalName = (name: string) => name.toLowerCase().replace(/\.$/, '')
