/** Beside Istio's own injector, before ours and after it: the sidecar stands behind its proxy, or the pod is refused with what to change. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type JsonObject, objectAt } from '../../../src/core/identity/json.ts'
import { admitting, create, initContainersOf, PLAIN, refused } from './admitted.ts'
import { type Installation, install } from './installation.ts'
import { type Istio, startIstio } from './istio.ts'
import { podSecurity } from './layers.ts'
import { POD } from './restricted-pod.ts'

let installation: Installation
let istio: Istio
let admit: (spec?: object, metadata?: object) => Promise<JsonObject>

beforeAll(async () => {
  installation = await install()
  istio = await startIstio()
  admit = await admitting(installation)
})
afterAll(async () => {
  await istio?.stop()
  await podSecurity('restricted')
  await installation?.uninstall()
})

const annotated = (annotations: object) => ({ ...POD.metadata, annotations })
/** As Istio had it before Kubernetes knew sidecars, and has it still where it is told to. */
const LATE = { 'sidecar.istio.io/nativeSidecar': 'false' }
const EXCLUDED = { 'traffic.sidecar.istio.io/excludeOutboundPorts': '88,8444,9865,9871' }

describe.each(['after', 'before'] as const)('which is called %s ours', (place) => {
  describe('with its CNI plugin, in a namespace of restricted pods', () => {
    beforeAll(async () => {
      await podSecurity('restricted')
      await istio.use(place, 'plugin')
    })

    test('its proxy stands before the sidecar, and the sidecar before what may want data', async () => {
      const names = initContainersOf(await admit()).map(({ name }) => name)
      expect(names).toEqual(['istio-validation', 'istio-proxy', 'kerbside', 'prepare'])
    })

    test('the kubelet asks the sidecar through its proxy, if it was asked after ours, and that is let through', async () => {
      const sidecar = initContainersOf(await admit()).find(({ name }) => name === 'kerbside') ?? {}
      const through = { path: '/app-health/kerbside/startupz', port: 15_020, scheme: 'HTTP' }
      const own = { path: '/startupz', port: 9872, scheme: 'HTTP' }
      expect(objectAt(objectAt(sidecar, 'startupProbe'), 'httpGet')).toEqual(place === 'after' ? through : own)
    })

    test('of a proxy that starts with the job, and takes what the sidecar says before, is warned', async () => {
      const { status, warnings } = await create(PLAIN, annotated(LATE))
      expect(status).toBe(201)
      expect(warnings.join()).toContain('container `istio-proxy` starts with the job')
      expect((await create(PLAIN, annotated({ ...LATE, ...EXCLUDED }))).warnings).toEqual([])
    })
  })

  test('without the plugin a pod is refused: a container of Istio reroutes the network', async () => {
    await podSecurity('privileged')
    await istio.use(place, 'container')
    const message = await refused()
    expect(message).toContain('[dangerous-capability] container `istio-init`')
    expect(message).toContain('CNI plugin')
  })
})
