/**
 * The corpus of traps, tried by a tenant on the real API server: with all layers on, with each of them taken away, and with
 * each of them alone. A layer that is said to deny does so by itself, and what no layer is said to deny goes through.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/core/identity/json.ts'
import { type Outcome, sentenceOf, TRAPS, type Trap, type Try } from '../../core/identity/corpus.ts'
import { ADMINISTRATOR, appointAdministrator, dismissAdministrator } from './administrator.ts'
import { type Installation, install, TENANT } from './installation.ts'
import { LAYERS, type Layer, podSecurity, switchTo } from './layers.ts'
import { POD } from './restricted-pod.ts'
import { asTenant, podNamed, pods, type Told } from './tenant.ts'

const STRATEGIC = 'application/strategic-merge-patch+json'

let installation: Installation
beforeAll(async () => {
  installation = await install()
  await appointAdministrator()
  await podSecurity('privileged')
  // With requests, so that its sidecar has some that a resize could take away.
  const containers = [{ ...POD.spec.containers[0], resources: { requests: { cpu: '100m', memory: '64Mi' } } }]
  const train = { ...podNamed('train'), spec: { ...POD.spec, containers } }
  expect((await asTenant('POST', pods(), train)).status).toBe(201)
  expect((await asTenant('POST', pods(), { metadata: { name: 'plain' }, spec: POD.spec })).status).toBe(201)
})
afterAll(async () => {
  await podSecurity('restricted')
  await dismissAdministrator()
  await installation?.uninstall()
})

const without = (layer: Layer) => LAYERS.filter((each) => each !== layer)
const CONFIGURATIONS: readonly (readonly [string, readonly Layer[]])[] = [
  ['all layers', LAYERS],
  ...LAYERS.map((layer) => [`all but ${layer}`, without(layer)] as const),
  ...LAYERS.map((layer) => [`${layer} alone`, [layer]] as const),
]

describe.each(CONFIGURATIONS)('with %s', (_, on) => {
  beforeAll(() => switchTo(new Set(on)))

  for (const trap of TRAPS) {
    for (const attempt of trap.tries) {
      const { outcome } = attempt
      if (!('by' in outcome) && on !== LAYERS) continue
      test.concurrent(`${trap.name}: ${sentenceOf(attempt)}`, async () => {
        const told = await make(trap, attempt)
        if ('admitted' in outcome) expectAdmitted(told, outcome)
        else if ('saying' in outcome) {
          expect([403, 422], JSON.stringify(told.object)).toContain(told.status)
          expect(told.object['message']).toContain(outcome.saying)
        } else expectDenied(told, outcome, deniersIn(outcome.by, on))
      })
    }
  }
})

describe('with all layers again', () => {
  beforeAll(() => switchTo(new Set(LAYERS)))

  test('nothing about a decision is of the user who asks', async () => {
    const sidecarBy = async (user: string) => {
      const { object } = await asTenant('POST', `${pods()}?dryRun=All`, podNamed('same'), { user })
      // The mount of the default token has a name by chance.
      return JSON.stringify(Object(object['spec']).initContainers).replace(/kube-api-access-\w+/g, 'kube-api-access')
    }
    expect(await sidecarBy(TENANT)).toContain('kerbside-token')
    expect(await sidecarBy(TENANT)).toBe(await sidecarBy(ADMINISTRATOR))
  })

  /** What CEL may spend on one request is bounded, and a policy that is out of budget denies. */
  test('a pod with as many containers and volumes as fit into one costs the policies no more than they may spend', async () => {
    const many = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at))
    const volumes = many(400, (at) => ({
      name: `v${at}`,
      projected: { sources: [{ serviceAccountToken: { audience: 'vault', path: 't' } }] },
    }))
    const volumeMounts = many(100, (at) => ({ name: `v${at}`, mountPath: `/v${at}` }))
    const containers = many(100, (at) => ({ ...POD.spec.containers[0], name: `c${at}`, volumeMounts }))
    for (const metadata of [POD.metadata, {}]) {
      const pod = { metadata: { ...metadata, name: 'vast' }, spec: { ...POD.spec, containers, volumes } }
      const { status, object } = await asTenant('POST', `${pods()}?dryRun=All`, pod)
      expect(status, JSON.stringify(object).slice(0, 500)).toBe(201)
    }
  })
})

type Admitted = Extract<Outcome, { admitted: string }>

/** What stands in the message of those who deny. */
function deniersIn(by: readonly string[], on: readonly Layer[]): string[] {
  return by.flatMap((layer) => {
    if (layer === 'mutate' || layer === 'validate') {
      return on.includes(layer) ? [`admission webhook "${layer}.kerbside.io"`] : []
    }
    return layer !== 'broker' && on.includes('policies') ? [`ValidatingAdmissionPolicy '${layer}'`] : []
  })
}

function expectDenied({ status, object }: Told, { denied }: { denied: string }, deniers: string[]): void {
  const message = String(object['message'] ?? '')
  if (deniers.length === 0) {
    expect(message).not.toContain(`[${denied}]`)
    return
  }
  expect([403, 422], JSON.stringify(object)).toContain(status)
  expect(message).toContain(`[${denied}]`)
  expect(
    deniers.filter((denier) => message.includes(denier)),
    message,
  ).toHaveLength(1)
}

function expectAdmitted({ status, object, warnings }: Told, { admitted, warning }: Admitted): void {
  const message = JSON.stringify(object)
  if (admitted === 'past admission') {
    expect(message).not.toMatch(/admission webhook|ValidatingAdmissionPolicy/)
    // The pod is on no node.
    expect(message).toContain('does not have a host assigned')
    return
  }
  expect([200, 201], message).toContain(status)
  const sidecars = (Object(object['spec']).initContainers ?? []).filter(({ name }: JsonObject) => name === 'kerbside')
  expect(sidecars).toHaveLength(admitted === 'with the sidecar' ? 1 : 0)
  if (warning !== undefined) expect(warnings.join('\n')).toContain(warning)
}

const CLUSTER_SCOPED: Readonly<Record<string, string>> = {
  CSIDriver: '/apis/storage.k8s.io/v1/csidrivers',
  Namespace: '/api/v1/namespaces',
}
const NAMESPACED: Readonly<Record<string, readonly [api: string, resource: string]>> = {
  Pod: ['/api/v1', 'pods'],
  Job: ['/apis/batch/v1', 'jobs'],
  Binding: ['/api/v1', 'bindings'],
}

/** Nothing of it stays. */
async function make({ manifest }: Trap, { request }: Try): Promise<Told> {
  const who = { user: request.as === 'tenant' ? TENANT : ADMINISTRATOR }
  const namespace = `/api/v1/namespaces/${request.in}`
  if ('connect' in request) return asTenant('POST', `${namespace}/${request.connect}`, undefined, who)
  if ('patch' in request) {
    const path = `${request.on.startsWith('/') ? '' : `${namespace}/`}${request.on}`
    return asTenant('PATCH', `${path}?dryRun=All`, manifest(request.patch), { ...who, patchType: STRATEGIC })
  }
  const object = manifest(request.create)
  const kind = String(object['kind'])
  const [group, resource] = NAMESPACED[kind] ?? []
  const collection = CLUSTER_SCOPED[kind] ?? `${group}/namespaces/${request.in}/${resource}`
  const path = request.on === undefined ? collection : `${namespace}/${request.on}`
  return asTenant('POST', `${path}?dryRun=All`, object, who)
}
