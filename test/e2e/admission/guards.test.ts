/** The ValidatingAdmissionPolicies, tried by a tenant with the stock role `edit` and by stronger users, beside what is their right. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { ADMINISTRATOR, appointAdministrator, dismissAdministrator } from './administrator.ts'
import { api, type Installation, install, until } from './installation.ts'
import { POD } from './restricted-pod.ts'
import { asTenant, podNamed, pods, type Told } from './tenant.ts'

const MERGE = 'application/merge-patch+json'
const JSON_PATCH = 'application/json-patch+json'

let installation: Installation
beforeAll(async () => {
  installation = await install()
  await appointAdministrator()
  expect((await asTenant('POST', pods(), podNamed('train'))).status).toBe(201)
  expect((await asTenant('POST', pods(), { metadata: { name: 'plain' }, spec: POD.spec })).status).toBe(201)
})
afterAll(async () => {
  await dismissAdministrator()
  await installation?.uninstall()
})

/** Which guard denies for which reason; the webhook, which would deny some of it too, is asked after them. */
const GUARDS: Readonly<Record<string, string>> = {
  'reserved-audience': "ValidatingAdmissionPolicy 'kerbside-",
  'reserved-name': "ValidatingAdmissionPolicy 'kerbside-exec'",
  'label-changed': "ValidatingAdmissionPolicy 'kerbside-label'",
}
const RUNNING_PODS = "ValidatingAdmissionPolicy 'kerbside-running-pods'"
const WEBHOOK = 'admission webhook "validate.kerbside.io"'

/** 403 and 422 are both refusals: a policy says Forbidden or Invalid. */
function expectDenied({ status, object }: Told, reason: string, by = GUARDS[reason] ?? ''): void {
  expect([403, 422], JSON.stringify(object)).toContain(status)
  expect(object['message']).toContain(`[${reason}]`)
  expect(object['message']).toContain(by)
}
const asAdministrator = { user: ADMINISTRATOR }

describe('the reserved audience', () => {
  const volume = (audience: string, name = 'mine') => ({
    name,
    projected: { sources: [{ serviceAccountToken: { audience, path: 't' } }] },
  })
  const pod = (name: string, spec: object): JsonObject =>
    ({ metadata: { name }, spec: { ...POD.spec, ...spec } }) as JsonObject

  test('is not for the volume of any pod, labelled or not, in any namespace', async () => {
    const unlabelled = pod('a', { volumes: [volume('kerbside.io')] })
    expectDenied(await asTenant('POST', pods(), unlabelled), 'reserved-audience')
    const system = pod('a', { volumes: [volume('kerbside.io')], serviceAccountName: 'default' })
    expectDenied(await asTenant('POST', pods('kube-system'), system, asAdministrator), 'reserved-audience')
    const labelled = { ...unlabelled, metadata: { name: 'b', labels: POD.metadata.labels } }
    expectDenied(
      await asTenant('POST', pods(), labelled),
      'reserved-audience',
      'admission webhook "mutate.kerbside.io"',
    )
    const lookalike = pod('c', { volumes: [volume('kerbside.io', 'kerbside-token')] })
    expectDenied(await asTenant('POST', pods(), lookalike), 'reserved-audience')
    expect(
      (await asTenant('POST', `${pods()}?dryRun=All`, pod('d', { volumes: [volume('kerbside.io2')] }))).status,
    ).toBe(201)
  })

  test('is for the pods of our own webhook, by which the broker knows it, and for no others beside them', async () => {
    const ours = (serviceAccountName: string) => pod('e', { volumes: [volume('kerbside.io')], serviceAccountName })
    const create = (serviceAccount: string, namespace: string) =>
      asTenant('POST', `${pods(namespace)}?dryRun=All`, ours(serviceAccount), asAdministrator)
    const own = await create('kerbside-webhook', 'kerbside')
    expect(own.status, JSON.stringify(own.object)).toBe(201)
    expectDenied(await create('kerbside-review', 'kerbside'), 'reserved-audience')
    await asTenant('POST', '/api/v1/namespaces/ml-quant/serviceaccounts', { metadata: { name: 'kerbside-webhook' } })
    expectDenied(await create('kerbside-webhook', 'ml-quant'), 'reserved-audience')
  })

  test('is not for a token request, by a tenant or an administrator, bound to a pod or not', async () => {
    const request = (audiences: string[], who = {}) =>
      asTenant('POST', '/api/v1/namespaces/ml-quant/serviceaccounts/trainer/token', { spec: { audiences } }, who)
    expectDenied(await request(['kerbside.io']), 'reserved-audience')
    expectDenied(await request(['other', 'kerbside.io']), 'reserved-audience')
    expectDenied(await request(['kerbside.io'], asAdministrator), 'reserved-audience')
    const admin = await api.api('/api/v1/namespaces/ml-quant/serviceaccounts/trainer/token', {
      method: 'POST',
      body: { spec: { audiences: ['kerbside.io'] } },
    })
    expect(admin.body).toContain('[reserved-audience]')
    expect((await request(['other'])).status).toBe(201)
  })
})

describe('the sidecar', () => {
  const enter = (verb: string, container: string, who = {}) => {
    const query = new URLSearchParams({ command: 'id', stdout: 'true', ...(container === '' ? {} : { container }) })
    return asTenant('POST', `${pods()}/train/${verb}?${query}`, undefined, who)
  }

  test('cannot be entered, by a tenant or an administrator', async () => {
    for (const verb of ['exec', 'attach']) {
      expectDenied(await enter(verb, 'kerbside'), 'reserved-name')
      expectDenied(await enter(verb, 'kerbside', asAdministrator), 'reserved-name')
    }
  })

  test("while the tenant's own container can, as far as this pod runs", async () => {
    for (const container of ['train', '']) {
      const { object } = await enter('exec', container)
      expect(JSON.stringify(object)).not.toContain('[reserved-name]')
      expect(JSON.stringify(object)).toContain('does not have a host assigned')
    }
  })

  test('keeps its image in a running pod', async () => {
    const patch = (name: string, list: string) => [{ op: 'replace', path: `/spec/${list}/0/image`, value: name }]
    const at = `${pods()}/train`
    const evil = await asTenant('PATCH', at, patch('evil', 'initContainers'), { patchType: JSON_PATCH })
    expectDenied(evil, 'sidecar-differs', RUNNING_PODS)
    expectDenied(
      await asTenant('PATCH', at, patch('evil', 'initContainers'), { patchType: JSON_PATCH, ...asAdministrator }),
      'sidecar-differs',
    )
    expect((await asTenant('PATCH', at, patch('lab/train:2', 'containers'), { patchType: JSON_PATCH })).status).toBe(
      200,
    )
  })

  test('has no debug container beside it that joins its processes, mounts its files or leaves its confinement', async () => {
    const debug = async (name: string, fields: object) => {
      const current = (await api.get<JsonObject>(`${pods()}/train`)) ?? {}
      const ephemeral = {
        name,
        image: 'lab/train:1',
        securityContext: POD.spec.containers[0].securityContext,
        ...fields,
      }
      const spec = { ...objectAt(current, 'spec'), ephemeralContainers: [ephemeral] }
      return asTenant('PUT', `${pods()}/train/ephemeralcontainers?dryRun=All`, { ...current, spec }, asAdministrator)
    }
    expectDenied(await debug('a', { targetContainerName: 'kerbside' }), 'shared-process-namespace', RUNNING_PODS)
    expectDenied(
      await debug('b', { volumeMounts: [{ name: 'kerbside-run', mountPath: '/x' }] }),
      'reserved-volume',
      RUNNING_PODS,
    )
    expectDenied(await debug('c', { volumeMounts: [{ name: 'kerbside-token', mountPath: '/x' }] }), 'reserved-volume')
    expectDenied(await debug('kerbside-debug', {}), 'reserved-name', WEBHOOK)
    const right = await debug('f', { targetContainerName: 'train' })
    expect(right.status, JSON.stringify(right.object)).toBe(200)
  })
})

describe('the label', () => {
  const label = (value: string | null) => ({ metadata: { labels: { 'kerbside.io/identity': value } } })

  test('of a pod stays what it was, also through its status', async () => {
    for (const at of [`${pods()}/train`, `${pods()}/train/status`]) {
      for (const value of ['climate-models', null]) {
        const told = await asTenant('PATCH', at, label(value), { patchType: MERGE, ...asAdministrator })
        expectDenied(told, 'label-changed')
      }
    }
    expectDenied(
      await asTenant('PATCH', `${pods()}/plain`, label('quant-research'), { patchType: MERGE }),
      'label-changed',
    )
  })

  test('leaves other labels, annotations, finalizers and the status alone', async () => {
    const metadata = { labels: { other: 'label' }, annotations: { a: 'b' }, finalizers: ['example.org/hold'] }
    for (const name of ['train', 'plain']) {
      expect((await asTenant('PATCH', `${pods()}/${name}`, { metadata }, { patchType: MERGE })).status).toBe(200)
      const status = { status: { conditions: [{ type: 'example.org/ok', status: 'True' }] } }
      const told = await asTenant('PATCH', `${pods()}/${name}/status`, status, { patchType: MERGE, ...asAdministrator })
      expect(told.status).toBe(200)
      expect(
        (await asTenant('PATCH', `${pods()}/${name}`, { metadata: { finalizers: null } }, { patchType: MERGE })).status,
      ).toBe(200)
    }
  })
})

describe('the installation', () => {
  test('passes the type check of every policy', async () => {
    const list = (await api.get<JsonObject>('/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies')) ?? {}
    const ours = objectsAt(list, 'items').filter((item) =>
      String(objectAt(item, 'metadata')['name']).startsWith('kerbside-'),
    )
    expect(ours.length).toBe(8)
    for (const policy of ours)
      expect(objectAt(objectAt(policy, 'status'), 'typeChecking')['expressionWarnings']).toBeUndefined()
  })

  test('gives each program what it needs and nothing near it', async () => {
    const can = async (account: string, verb: string, what: string, where = 'kerbside') => {
      const as = `--as=system:serviceaccount:kerbside:${account}`
      return (await api.kubectl(['auth', 'can-i', verb, what, as, '-n', where]).catch(() => 'no')).trim() === 'yes'
    }
    const [webhook, broker, review] = ['kerbside-webhook', 'kerbside-broker', 'kerbside-review']
    const allowed: [string, string, string, string?][] = [
      [webhook, 'get', 'secrets/kerbside-ca'],
      [webhook, 'patch', 'mutatingwebhookconfigurations/a-kerbside'],
      [broker, 'create', 'tokenreviews.authentication.k8s.io'],
      [broker, 'get', 'pods', 'ml-quant'],
    ]
    const refused: [string, string, string, string?][] = [
      [webhook, 'get', 'secrets'],
      [webhook, 'get', 'secrets/kerbside-ca', 'ml-quant'],
      [webhook, 'patch', 'mutatingwebhookconfigurations'],
      [webhook, 'get', 'pods', 'ml-quant'],
      [webhook, 'create', 'serviceaccounts/token', 'ml-quant'],
      [broker, 'list', 'pods', 'ml-quant'],
      [broker, 'create', 'pods', 'ml-quant'],
      [broker, 'patch', 'mutatingwebhookconfigurations/a-kerbside'],
      [review, 'get', 'pods', 'kerbside'],
    ]
    for (const question of allowed) expect([question, await can(...question)]).toEqual([question, true])
    for (const question of refused) expect([question, await can(...question)]).toEqual([question, false])
  })
})

describe('when somebody took the webhook configurations away', () => {
  const RESERVED = "ValidatingAdmissionPolicy 'kerbside-reserved-audience'"
  const token = { projected: { sources: [{ serviceAccountToken: { audience: 'kerbside.io', path: 't' } }] } }
  const mount = { name: 'kerbside-token', mountPath: '/t' }
  const [container] = POD.spec.containers
  const volumes = [{ name: 'kerbside-token', ...token }]

  test('the reserved audience still is for no container but the sidecar', async () => {
    const names = ['mutatingwebhookconfiguration/a-kerbside', 'validatingwebhookconfiguration/kerbside']
    await api.kubectl(['delete', ...names])
    const dryRun = (spec: object) => asTenant('POST', `${pods()}?dryRun=All`, { ...podNamed('bare'), spec })
    await until(
      'the webhook to be asked no more',
      async () => (await dryRun({ ...POD.spec, hostIPC: false })).status === 201,
    )
    const withMount = { ...container, volumeMounts: [mount] }
    for (const lists of [
      { containers: [withMount] },
      { initContainers: [{ ...withMount, name: 'first' }] },
      { initContainers: [{ ...container, name: 'kerbside' }], containers: [withMount] },
    ])
      expectDenied(await dryRun({ ...POD.spec, ...lists, volumes }), 'reserved-volume', RESERVED)
    expectDenied(await dryRun({ ...POD.spec, volumes: [{ name: 'mine', ...token }] }), 'reserved-audience', RESERVED)
  })
})
