/** Beside a service mesh: whose probe Istio leads through its proxy is still ours, and what of a mesh keeps a sidecar from its work is told. */
import { describe, expect, test } from 'vitest'
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

describe('a proxy that starts with the job, while the sidecar needs the network before', () => {
  /** As a mesh leaves it that reroutes the network on the node, with its proxy in that list. */
  function beside(name: string, list: 'containers' | 'initContainers', annotations: JsonObject = {}): JsonObject {
    const pod = injected(POD)
    const spec = objectAt(pod, 'spec')
    const proxy = { ...PROXY, name }
    return {
      ...pod,
      metadata: { ...objectAt(pod, 'metadata'), annotations },
      spec: { ...spec, [list]: [...objectsAt(spec, list), proxy] },
    }
  }
  const warnings = (pod: JsonObject) => {
    const verdict = ask(pod, { stage: 'validate' })
    return verdict.effect === 'admit' ? verdict.warnings : [verdict.denials]
  }

  test.each(['istio-proxy', 'linkerd-proxy'])('is told: %s', (name) => {
    expect(warnings(beside(name, 'containers'))).toEqual([
      `container \`${name}\` starts with the job, but the sidecar needs the network before: have the mesh inject it as a native sidecar, or exclude the ports of HDFS, KDC, broker and secret store`,
    ])
  })

  test('is told, though Istio writes that all goes to it', () => {
    const all = { 'traffic.sidecar.istio.io/includeOutboundIPRanges': '*' }
    expect(warnings(beside('istio-proxy', 'containers', all))).toHaveLength(1)
  })

  test.each([
    ['it is a native sidecar', beside('istio-proxy', 'initContainers')],
    [
      'ports are excluded',
      beside('istio-proxy', 'containers', { 'traffic.sidecar.istio.io/excludeOutboundPorts': '88' }),
    ],
    ['Linkerd skips ports', beside('linkerd-proxy', 'containers', { 'config.linkerd.io/skip-outbound-ports': '88' })],
    ['it is a container of the job', beside('proxy', 'containers')],
  ])('is not told when %s', (_, pod) => {
    expect(warnings(pod).filter((each) => String(each).includes('starts with the job'))).toEqual([])
  })
})

test('whose container reroutes the network is told of the plugin that does it instead', () => {
  const init = { name: 'istio-init', image: 'mesh/proxy:1', securityContext: { capabilities: { add: ['NET_ADMIN'] } } }
  const pod = { ...POD, spec: { ...objectAt(POD, 'spec'), initContainers: [init] } }
  const message = expect.stringMatching(/^container `istio-init`: .*CNI plugin/)
  expect(ask(pod)).toMatchObject({ denials: [{ reason: 'dangerous-capability', message }] })
})
