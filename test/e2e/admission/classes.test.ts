/** What the real API server makes of injected pods: their class, and quotas and limits of their namespace. */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { cgroupsOf } from '../../lab/cgroup.ts'
import { api, type Installation, install, lab, until } from './installation.ts'
import { POD } from './restricted-pod.ts'
import { asTenant, pods } from './tenant.ts'

/** For a machine that does other things too. */
const LIMIT_MS = 180_000
let installation: Installation
beforeAll(async () => {
  installation = await install()
}, LIMIT_MS)
afterAll(() => installation?.uninstall(), LIMIT_MS)

const podWith = (name: string, resources: object, more: object = {}) => ({
  metadata: { ...POD.metadata, name },
  spec: { ...POD.spec, ...more, containers: [{ ...POD.spec.containers[0], resources }] },
})
const sidecarOf = (pod: JsonObject) => objectsAt(objectAt(pod, 'spec'), 'initContainers')[0] ?? {}
const all = { cpu: '1', memory: '1Gi' }

describe.each([
  ['BestEffort', {}, {}],
  ['Burstable', { requests: { memory: '1Gi' } }, {}],
  ['Burstable', { requests: { cpu: '1' }, limits: { cpu: '2', memory: '2Gi' } }, {}],
  ['Guaranteed', { limits: all }, {}],
  ['Guaranteed', {}, { resources: { requests: all, limits: all } }],
  ['Burstable', {}, { resources: { requests: { cpu: '1' } } }],
])('a pod of class %s: %j %j', (expected, resources, more) => {
  test(
    'has it without the sidecar and with it',
    async () => {
      const { metadata, ...rest } = podWith('classes', resources, more)
      const plain = await asTenant('POST', `${pods()}?dryRun=All`, { ...rest, metadata: { name: 'classes' } })
      const injected = await asTenant('POST', `${pods()}?dryRun=All`, { ...rest, metadata })
      const classes = [plain, injected].map(({ object }) => objectAt(object, 'status')['qosClass'])
      expect(classes, JSON.stringify([plain.object['message'], injected.object['message']])).toEqual([
        expected,
        expected,
      ])
      expect(sidecarOf(injected.object)['name']).toBe('kerbside')
    },
    LIMIT_MS,
  )
})

test(
  'on a node, too, each is where its class is: the kubelet puts it among its like',
  async () => {
    const little = { cpu: '10m', memory: '16Mi' }
    const asked = { besteffort: {}, burstable: { requests: little }, guaranteed: { limits: little } }
    for (const [name, resources] of Object.entries(asked)) {
      const { spec, ...pod } = podWith(name, resources)
      const { nodeSelector: _, ...anywhere } = spec
      const { status, object } = await asTenant('POST', pods(), { ...pod, spec: anywhere })
      expect(status, JSON.stringify(object)).toBe(201)
      expect(sidecarOf(object)['name']).toBe('kerbside')
      const uid = String(objectAt(object, 'metadata')['uid'])
      // Guaranteed pods have no folder of their class (k8s.io/kubernetes, pkg/kubelet/cm).
      const places = ['kubepods/besteffort', 'kubepods/burstable', 'kubepods']
      let found: readonly string[] = []
      await until(`the kubelet to have the pod ${name}`, async () => {
        found = places.filter((place) => cgroupsOf(join(lab.folder.cgroup, place, `pod${uid}`)).length > 0)
        return found.length > 0
      })
      expect(found).toEqual([name === 'guaranteed' ? 'kubepods' : `kubepods/${name}`])
      const kept = await api.get<JsonObject>(`${pods()}/${name}`)
      expect(String(objectAt(kept ?? {}, 'status')['qosClass']).toLowerCase()).toBe(name)
      await api.api(`${pods()}/${name}`, { method: 'DELETE', body: { gracePeriodSeconds: 0 } })
    }
  },
  LIMIT_MS,
)

test(
  'a quota on limits of CPU and memory takes a pod that keeps it, and counts its sidecar',
  async () => {
    const hard = { 'limits.cpu': '4', 'limits.memory': '8Gi', 'requests.cpu': '4', 'requests.memory': '8Gi' }
    const path = '/api/v1/namespaces/ml-quant/resourcequotas'
    await api.create(path, { metadata: { name: 'classes' }, spec: { hard } })
    try {
      await until('the quota to be counted', async () => {
        const quota = await api.get<JsonObject>(`${path}/classes`)
        return Object.keys(objectAt(objectAt(quota ?? {}, 'status'), 'hard')).length > 0
      })
      const within = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } }
      const { status, object } = await asTenant('POST', `${pods()}?dryRun=All`, podWith('quota', within))
      expect(status, JSON.stringify(object)).toBe(201)
      expect(objectAt(objectAt(sidecarOf(object), 'resources'), 'limits')).toEqual({ cpu: '500m', memory: '256Mi' })
    } finally {
      await api.api(`${path}/classes`, { method: 'DELETE' })
    }
  },
  LIMIT_MS,
)

test(
  'a pod that another runtime runs, in a user namespace of its own, keeps both and what they cost, beside its sidecar',
  async () => {
    const path = '/apis/node.k8s.io/v1/runtimeclasses'
    const overhead = { podFixed: { cpu: '250m', memory: '120Mi' } }
    await api.create(path, { metadata: { name: 'sandboxed' }, handler: 'sandboxed', overhead })
    try {
      const more = { runtimeClassName: 'sandboxed', hostUsers: false }
      const pod = podWith('sandboxed', { limits: all }, more)
      await until('the class to be known', async () => {
        const { metadata: _, ...rest } = pod
        const plain = await asTenant('POST', `${pods()}?dryRun=All`, { ...rest, metadata: { name: 'plain' } })
        return plain.status === 201
      })
      const { status, object } = await asTenant('POST', `${pods()}?dryRun=All`, pod)
      expect(status, JSON.stringify(object)).toBe(201)
      expect(objectAt(object, 'spec')).toMatchObject({ ...more, overhead: overhead.podFixed })
      expect([sidecarOf(object)['name'], objectAt(object, 'status')['qosClass']]).toEqual(['kerbside', 'Guaranteed'])
    } finally {
      await api.api(`${path}/sandboxed`, { method: 'DELETE' })
    }
  },
  LIMIT_MS,
)

test(
  'limits that the namespace sets by default make a Guaranteed pod of one that asks for nothing, and its sidecar is one too',
  async () => {
    const path = '/api/v1/namespaces/ml-quant/limitranges'
    const limits = [{ type: 'Container', default: all, defaultRequest: all }]
    await api.create(path, { metadata: { name: 'classes' }, spec: { limits } })
    try {
      await until('the limits to be in force', async () => {
        const { object } = await asTenant('POST', `${pods()}?dryRun=All`, {
          ...podWith('probe', {}),
          metadata: { name: 'probe' },
        })
        return objectAt(object, 'status')['qosClass'] === 'Guaranteed'
      })
      const { status, object } = await asTenant('POST', `${pods()}?dryRun=All`, podWith('limited', {}))
      expect(status, JSON.stringify(object)).toBe(201)
      expect(objectAt(object, 'status')['qosClass']).toBe('Guaranteed')
    } finally {
      await api.api(`${path}/classes`, { method: 'DELETE' })
    }
  },
  LIMIT_MS,
)

test(
  'the users that a namespace of OpenShift has are those of its sidecars, once its annotation is known',
  async () => {
    const path = '/api/v1/namespaces/ml-quant'
    const annotate = (value: string | null) =>
      api.api(path, {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: { metadata: { annotations: { 'openshift.io/sa.scc.uid-range': value } } },
      })
    const userOfSidecar = async () => {
      const { object } = await asTenant('POST', `${pods()}?dryRun=All`, podWith('openshift', {}))
      return objectAt(sidecarOf(object), 'securityContext')['runAsUser']
    }
    await annotate('1000680000/10000')
    try {
      await until('the annotation to be known', async () => (await userOfSidecar()) === 1_000_689_999)
    } finally {
      await annotate(null)
    }
    await until('the annotation to be gone', async () => (await userOfSidecar()) === 65_532)
  },
  LIMIT_MS,
)

test(
  'an annotation that nobody knows is refused with the one that was meant, and those that are known are done',
  async () => {
    const annotated = (annotations: object) => {
      const pod = podWith('annotated', {})
      return asTenant('POST', `${pods()}?dryRun=All`, { ...pod, metadata: { ...pod.metadata, annotations } })
    }
    const { status, object } = await annotated({ 'kerbside.io/client': 'none' })
    expect([status, object['message']]).toEqual([403, expect.stringContaining('did you mean `kerbside.io/clients`?')])
    const { object: admitted } = await annotated({ 'kerbside.io/clients': 'none' })
    expect(objectsAt(objectAt(admitted, 'spec'), 'containers')[0]).not.toHaveProperty('env')
  },
  LIMIT_MS,
)
