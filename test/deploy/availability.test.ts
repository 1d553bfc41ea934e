/** What keeps webhooks and brokers there while nodes are drained, fail or are short of room: as it stands in deploy/manifests. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { type JsonObject, numberAt, objectAt, objectsAt, textAt } from '../../src/core/identity/json.ts'

const MANIFESTS = join(import.meta.dirname, '../../deploy/manifests')
const PROGRAMS = [
  ['kerbside-webhook', '20-webhook.yaml'],
  ['kerbside-broker', '30-broker.yaml'],
] as const
const objects = PROGRAMS.flatMap(([, file]) =>
  parseAllDocuments(readFileSync(join(MANIFESTS, file), 'utf8')).map((document) => document.toJS() as JsonObject),
)
const specsOf = (kind: string) =>
  objects.filter((object) => object['kind'] === kind).map(({ spec }) => spec as JsonObject)
const labelsOf = (deployment: JsonObject) => objectAt(objectAt(objectAt(deployment, 'template'), 'metadata'), 'labels')
const deployments = specsOf('Deployment')

/** By labels alone: no selector of ours has expressions. */
function selects(selector: JsonObject, labels: JsonObject): boolean {
  const wanted = Object.entries(objectAt(selector, 'matchLabels'))
  expect(Object.keys(selector)).toEqual(['matchLabels'])
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value)
}

test('there are two programs, which know their own pods and no others', () => {
  expect(deployments.map(labelsOf)).toEqual(PROGRAMS.map(([app]) => ({ app })))
  for (const one of deployments) {
    const known = deployments.filter((other) => selects(objectAt(one, 'selector'), labelsOf(other)))
    expect(known).toEqual([one])
  }
})

describe.each(PROGRAMS)('%s', (app) => {
  const deployment = deployments.find((each) => labelsOf(each)['app'] === app) ?? {}
  const labels = labelsOf(deployment)
  const pod = objectAt(objectAt(deployment, 'template'), 'spec')
  const replicas = numberAt(deployment, 'replicas') ?? 1

  test('is there more than once, and as long as nodes are drained one of them stays', () => {
    expect(replicas).toBeGreaterThanOrEqual(2)
    const budgets = specsOf('PodDisruptionBudget').filter((each) => selects(objectAt(each, 'selector'), labels))
    expect(budgets.map(({ selector: _, ...rest }) => rest)).toEqual([{ minAvailable: 1 }])
  })

  test('is spread over nodes where there are several, and starts where there are not', () => {
    const [constraint = {}, ...more] = objectsAt(pod, 'topologySpreadConstraints')
    const { labelSelector: _, ...rest } = constraint
    expect([rest, more]).toEqual([
      { topologyKey: 'kubernetes.io/hostname', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' },
      [],
    ])
    expect(selects(objectAt(constraint, 'labelSelector'), labels)).toBe(true)
  })

  test('is not evicted for others', () => {
    expect(textAt(pod, 'priorityClassName')).toBe('system-cluster-critical')
  })

  test('is replaced by another one that is ready before it goes', () => {
    expect(objectAt(deployment, 'strategy')).toEqual({ rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } })
    for (const container of objectsAt(pod, 'containers')) {
      const [ready, alive, started] = ['readinessProbe', 'livenessProbe', 'startupProbe'].map((probe) =>
        objectAt(objectAt(container, probe), 'httpGet'),
      )
      expect(ready).toEqual({ path: '/readyz', port: 'https', scheme: 'HTTPS' })
      // One that is not ready may still be mended; to restart it for that would take the last one away.
      expect([alive, started]).toEqual([0, 1].map(() => ({ path: '/healthz', port: 'https', scheme: 'HTTPS' })))
    }
  })

  test('is not slowed by a limit, and its memory has one', () => {
    for (const container of objectsAt(pod, 'containers')) {
      const { requests, limits } = objectAt(container, 'resources')
      expect([Object.keys(Object(requests)), Object.keys(Object(limits))]).toEqual([['cpu', 'memory'], ['memory']])
    }
  })

  test('is behind a Service of its name', () => {
    const service = objects.find(
      ({ kind, metadata }) => kind === 'Service' && textAt(metadata as JsonObject, 'name') === app,
    )
    const { selector, ports } = objectAt(service ?? {}, 'spec')
    expect(selects({ matchLabels: selector ?? {} }, labels)).toBe(true)
    const named = objectsAt(pod, 'containers').flatMap((container) => objectsAt(container, 'ports'))
    for (const port of ports as { targetPort: string }[]) {
      expect(named.map(({ name }) => name)).toContain(port.targetPort)
    }
  })
})
