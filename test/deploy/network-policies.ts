/** What NetworkPolicies mean, as the API of Kubernetes says it: whether a connection is let through. Nothing here enforces them. */
import { BlockList } from 'node:net'

export type Policy = {
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: {
    readonly podSelector: Selector
    readonly policyTypes?: readonly ('Ingress' | 'Egress')[]
    readonly ingress?: readonly { readonly from?: readonly Peer[]; readonly ports?: readonly Port[] }[]
    readonly egress?: readonly { readonly to?: readonly Peer[]; readonly ports?: readonly Port[] }[]
  }
}
type Port = { readonly protocol?: string; readonly port?: number | string; readonly endPort?: number }
type Peer = {
  readonly podSelector?: Selector
  readonly namespaceSelector?: Selector
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] }
}
type Selector = {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: string[] }[]
}

export type PodParty = {
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  /** By their names in the container. */
  readonly ports?: Readonly<Record<string, number>>
}
/** Whatever is no pod: a node, the API server, another data centre. */
export type AddressParty = { readonly address: string }
export type Party = PodParty | AddressParty

export type Connection = { readonly from: Party; readonly to: Party; readonly port: number; readonly protocol?: string }

/** Both ends must let it through; an end that no policy selects, or that is no pod, lets everything through. */
export function isLetThrough(policies: readonly Policy[], { from, to, port, protocol = 'TCP' }: Connection): boolean {
  const at = { to, port, protocol }
  const leaving = applying(policies, from, 'Egress').map(({ metadata, spec }) =>
    (spec.egress ?? []).some((rule) => isPort(rule.ports, at) && isPeer(rule.to, to, metadata.namespace)),
  )
  const arriving = applying(policies, to, 'Ingress').map(({ metadata, spec }) =>
    (spec.ingress ?? []).some((rule) => isPort(rule.ports, at) && isPeer(rule.from, from, metadata.namespace)),
  )
  return [leaving, arriving].every((verdicts) => verdicts.length === 0 || verdicts.includes(true))
}

function applying(policies: readonly Policy[], party: Party, direction: 'Ingress' | 'Egress'): readonly Policy[] {
  if (!isPod(party)) return []
  return policies.filter(({ metadata, spec }) => {
    const types = spec.policyTypes ?? (spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress'])
    return (
      metadata.namespace === party.namespace && types.includes(direction) && selects(spec.podSelector, party.labels)
    )
  })
}

/** No ports, or an empty list of them, are all of them. */
function isPort(ports: readonly Port[] = [], { to, port, protocol }: Required<Omit<Connection, 'from'>>): boolean {
  if (ports.length === 0) return true
  return ports.some((each) => {
    if ((each.protocol ?? 'TCP') !== protocol) return false
    if (each.port === undefined) return true
    const first = typeof each.port === 'number' ? each.port : isPod(to) ? to.ports?.[each.port] : undefined
    return first !== undefined && port >= first && port <= (each.endPort ?? first)
  })
}

/** No peers, or an empty list of them, are everybody. A selector of pods alone is about those of the policy's own namespace. */
function isPeer(peers: readonly Peer[] = [], party: Party, namespace: string): boolean {
  if (peers.length === 0) return true
  return peers.some(({ podSelector = {}, namespaceSelector, ipBlock }) => {
    // Addresses of pods are no matter of blocks: what they are when a packet arrives is not defined.
    if (!isPod(party))
      return ipBlock !== undefined && isIn(ipBlock.cidr, party) && !ipBlock.except?.some((one) => isIn(one, party))
    if (ipBlock !== undefined || !selects(podSelector, party.labels)) return false
    if (namespaceSelector === undefined) return party.namespace === namespace
    return selects(namespaceSelector, { 'kubernetes.io/metadata.name': party.namespace })
  })
}

function isIn(cidr: string, { address }: AddressParty): boolean {
  const [network = '', bits] = cidr.split('/')
  const block = new BlockList()
  block.addSubnet(network, Number(bits))
  return block.check(address)
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: PodParty['labels']): boolean {
  const given = new Map(Object.entries(labels))
  return (
    Object.entries(matchLabels).every(([key, value]) => given.get(key) === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const isOneOf = values.includes(given.get(key) ?? '')
      if (operator === 'Exists') return given.has(key)
      if (operator === 'DoesNotExist') return !given.has(key)
      if (operator === 'In') return given.has(key) && isOneOf
      if (operator === 'NotIn') return !given.has(key) || !isOneOf
      throw new Error(`there is no operator ${operator}`)
    })
  )
}

const isPod = (party: Party): party is PodParty => 'namespace' in party
