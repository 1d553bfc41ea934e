/** What ServiceAccount admission gave to the job's containers is given to the sidecar too, so that nothing is left to add to the pod after us. */
import { describe, expect, test } from 'vitest'
import { type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { ask, injected, podWith, podWithContainer } from './world.ts'

const TOKEN = { name: 'kube-api-access-x1', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }
const sidecarMounts = (pod: JsonObject) =>
  objectsAt(objectsAt(objectAt(pod, 'spec'), 'initContainers')[0] ?? {}, 'volumeMounts')
const givenTo = (mount: JsonObject) => sidecarMounts(injected(podWithContainer({ volumeMounts: [mount] })))
const usual = sidecarMounts(injected(podWith({})))

/** As plugin/pkg/admission/serviceaccount does it, once more after us. */
function asAdmissionPlugin(pod: JsonObject): JsonObject {
  const spec = objectAt(pod, 'spec')
  const withToken = (container: JsonObject): JsonObject => {
    const mounts = objectsAt(container, 'volumeMounts')
    const isThere = mounts.some(({ mountPath }) => mountPath === TOKEN.mountPath)
    return isThere ? container : { ...container, volumeMounts: [...mounts, TOKEN] }
  }
  const [initContainers, containers] = ['initContainers', 'containers'].map((list) =>
    objectsAt(spec, list).map(withToken),
  )
  return { ...pod, spec: { ...spec, initContainers: initContainers ?? [], containers: containers ?? [] } }
}

test('a pod whose containers have the token needs nothing more of the API server after us, and nothing more of us', () => {
  const asked = asAdmissionPlugin(podWith({ initContainers: [{ name: 'prepare', image: 'i' }] }))
  const once = injected(asked)
  expect(asAdmissionPlugin(once)).toEqual(once)
  for (const stage of ['mutate', 'validate', 'running'] as const)
    expect(ask(once, { stage })).toMatchObject({ effect: 'admit', patch: [] })
})

test('one whose containers have none gets none', () => {
  expect(usual.map(({ mountPath }) => mountPath)).not.toContain(TOKEN.mountPath)
})

describe('what only looks like that mount is not given to the sidecar', () => {
  test.each([
    ['of another volume', { ...TOKEN, name: 'mine' }],
    ['at another place', { ...TOKEN, mountPath: '/run/kerbside' }],
    ['that may be written', { name: TOKEN.name, mountPath: TOKEN.mountPath }],
    ['of a part', { ...TOKEN, subPath: 'x' }],
    ['that spreads', { ...TOKEN, mountPropagation: 'HostToContainer' }],
  ])('%s', (_, mount) => expect(givenTo(mount)).toEqual(usual))
})

test('the sidecar of an earlier pod, which got it from the API server, is as good', () => {
  const later = asAdmissionPlugin(injected(podWith({})))
  expect(ask(later, { stage: 'validate' })).toMatchObject({ effect: 'admit' })
})
