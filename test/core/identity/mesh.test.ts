/** A sidecar whose probe Istio leads through its proxy is still ours; any other change of the probe is not Istio's. */
import { expect, test } from 'vitest'
import { type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { ask, injected, outcome, POD } from './world.ts'

const PROXY = { name: 'istio-proxy', image: 'mesh/proxy:1', restartPolicy: 'Always' }
const THROUGH = { path: '/app-health/kerbside/startupz', port: 15_020, scheme: 'HTTP' }

/** As Istio leaves it, or as somebody does who would like to look like Istio. */
function changed(change: (probe: JsonObject) => JsonObject, proxy: readonly JsonObject[] = [PROXY]): JsonObject {
  const pod = injected(POD)
  const spec = objectAt(pod, 'spec')
  const [sidecar = {}, ...others] = objectsAt(spec, 'initContainers')
  const startupProbe = change(objectAt(sidecar, 'startupProbe'))
  return { ...pod, spec: { ...spec, initContainers: [...proxy, { ...sidecar, startupProbe }, ...others] } }
}
const rewritten = (probe: JsonObject) => ({ ...probe, httpGet: THROUGH })

test('a probe that leads through the proxy is let through at every look, and the pod needs nothing more', () => {
  const pod = changed(rewritten)
  expect(outcome(ask(pod, { stage: 'validate' }))).toEqual(['admit'])
  expect(outcome(ask(pod, { stage: 'running' }))).toEqual(['admit'])
  expect(ask(pod)).toMatchObject({ effect: 'admit', patch: [] })
})

test.each<[string, JsonObject]>([
  ['no proxy is there', changed(rewritten, [])],
  ['the proxy is called otherwise', changed(rewritten, [{ ...PROXY, name: 'istio-proxy2' }])],
  [
    'it asks for another container',
    changed((probe) => ({ ...probe, httpGet: { ...THROUGH, path: '/app-health/train/startupz' } })),
  ],
  ['it asks at another port', changed((probe) => ({ ...probe, httpGet: { ...THROUGH, port: 80 } }))],
  ['it asks another host', changed((probe) => ({ ...probe, httpGet: { ...THROUGH, host: '169.254.169.254' } }))],
  [
    'it sends a header',
    changed((probe) => ({ ...probe, httpGet: { ...THROUGH, httpHeaders: [{ name: 'a', value: 'b' }] } })),
  ],
  ['it gives up sooner', changed((probe) => ({ ...rewritten(probe), failureThreshold: 1 }))],
  ['it runs a command instead', changed(({ httpGet: _, ...probe }) => ({ ...probe, exec: { command: ['true'] } }))],
  ['it is gone', changed(() => ({}))],
])('it is refused when %s', (_, pod) => {
  expect(outcome(ask(pod, { stage: 'validate' }))).toEqual(['sidecar-differs'])
  expect(outcome(ask(pod, { stage: 'running' }))).toEqual(['sidecar-differs'])
})
