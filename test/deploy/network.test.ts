/**
 * Who may talk to whom, worked out from the NetworkPolicies as they are rendered: every way that is needed, and no other. That a network
 * keeps to them is for the cluster's; none that does runs here.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { isLetThrough, type Party, type Policy } from './network-policies.ts'

const ROOT = join(import.meta.dirname, '../..')

/** By name; of two with one name the later counts, as a rendered case has only what is other than by default. */
function policiesIn(...files: readonly string[]): readonly Policy[] {
  const all = files
    .flatMap((file) => parseAllDocuments(readFileSync(join(ROOT, file), 'utf8')))
    .map((document) => document.toJS() as (Policy & { readonly kind: string }) | null)
    .filter((object) => object?.kind === 'NetworkPolicy') as Policy[]
  return [...new Map(all.map((policy) => [policy.metadata.name, policy])).values()]
}

const DEFAULT = 'deploy/manifests/70-network.yaml'
const ours = (app: string, ports = {}, labels = {}): Party => ({
  namespace: 'kerbside',
  labels: { app, ...labels },
  ports,
})
const IDENTITY = 'kerbside.io/identity'

const PARTIES = {
  webhook: ours('kerbside-webhook', { https: 8443 }),
  broker: ours('kerbside-broker', { https: 8444 }),
  review: ours('kerbside-review', { https: 8090 }),
  export: ours('kerbside-export', { metrics: 8091 }, { [IDENTITY]: 'audit-export' }),
  'helm test': ours('kerbside-test'),
  neighbour: ours('something-else'),
  job: { namespace: 'ml-quant', labels: { [IDENTITY]: 'quant-research' } },
  'pod without': { namespace: 'ml-quant', labels: {} },
  impostor: { namespace: 'ml-quant', labels: { app: 'kerbside-webhook' } },
  prometheus: { namespace: 'monitoring', labels: {} },
  ingress: { namespace: 'ingress', labels: {} },
  dns: { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  'API server': { address: '198.51.100.1' },
  provider: { address: '192.0.2.10' },
  kafka: { address: '192.0.2.20' },
  elsewhere: { address: '203.0.113.9' },
} as const satisfies Record<string, Party>
type Name = keyof typeof PARTIES
const NAMES = Object.keys(PARTIES) as readonly Name[]
const OURS: readonly Name[] = ['webhook', 'broker', 'review', 'export']
/** What is tried of everybody: ours, what programs of others listen on, and two that nobody should reach. */
const PORTS = [
  '8443/TCP',
  '8444/TCP',
  '8090/TCP',
  '8091/TCP',
  '9093/TCP',
  '443/TCP',
  '6443/TCP',
  '53/UDP',
  '22/TCP',
  '10250/TCP',
]

/** `job → broker 8444/TCP` for each way from or to one of ours. */
function waysIn(policies: readonly Policy[]): readonly string[] {
  const pairs = NAMES.flatMap((from) => NAMES.map((to) => [from, to] as const))
  return pairs
    .filter(([from, to]) => from !== to && (OURS.includes(from) || OURS.includes(to)))
    .flatMap(([from, to]) =>
      PORTS.filter((text) => {
        const [port, protocol = ''] = text.split('/')
        const connection = { from: PARTIES[from], to: PARTIES[to], port: Number(port), protocol }
        return isLetThrough(policies, connection)
      }).map((port) => `${from} → ${to} ${port}`),
    )
}

const others = (...names: readonly Name[]): readonly Name[] => NAMES.filter((name) => !names.includes(name))
const closed = (...names: readonly Name[]): readonly Name[] => others(...names, ...OURS)

/** The API server has no address that a chart could know: its ports are open to wherever they lead. */
const ANYWHERE = (from: Name, not: readonly Name[]) =>
  others(from, ...not).flatMap((to) => ['443/TCP', '6443/TCP', '53/UDP'].map((port) => `${from} → ${to} ${port}`))
const NAMESERVERS = (from: Name, not: readonly Name[]) => others(from, ...not).map((to) => `${from} → ${to} 53/UDP`)
/** A port of ours that leads nowhere is refused where it arrives. */
const ARRIVES: readonly Name[] = ['webhook', 'broker', 'review', 'export']

test('with the values of no choice, webhooks are asked by whoever the API server is, and brokers by sidecars', () => {
  const ways = waysIn(policiesIn(DEFAULT)).filter((way) => !/(review|export)/.test(way))
  const wanted = [
    ...ANYWHERE('webhook', ARRIVES),
    ...ANYWHERE('broker', ARRIVES),
    ...closed().map((from) => `${from} → webhook 8443/TCP`),
    ...['webhook', 'helm test', 'job'].map((from) => `${from} → broker 8444/TCP`),
  ]
  expect([...ways].sort()).toEqual([...wanted].sort())
})

test('with the page for readers and an exporter, each has the ways that were named for it', () => {
  const ways = waysIn(policiesIn(DEFAULT, 'test/fixtures/chart/records-elsewhere.rendered.yaml'))
  const wanted = [
    ...ANYWHERE('webhook', ARRIVES),
    ...ANYWHERE('broker', ARRIVES),
    ...closed().map((from) => `${from} → webhook 8443/TCP`),
    ...['webhook', 'export', 'helm test', 'job', 'prometheus'].map((from) => `${from} → broker 8444/TCP`),
    'ingress → review 8090/TCP',
    ...NAMESERVERS('review', ARRIVES),
    'review → provider 443/TCP',
    'prometheus → export 8091/TCP',
    ...NAMESERVERS('export', ARRIVES),
    ...['provider', 'kafka'].map((to) => `export → ${to} 9093/TCP`),
  ]
  expect([...ways].sort()).toEqual([...wanted].sort())
})

test('a page without a login is reached by nobody, and reaches nobody', () => {
  const ways = waysIn(policiesIn(DEFAULT, 'test/fixtures/chart/signed-policy.rendered.yaml'))
  expect(ways.filter((way) => /\breview\b/.test(way))).toEqual([])
})
