/** What is no review of a pod, from whoever can reach the port: an answer or a refusal with its reason, and never an admission. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { REFUSALS } from '../../webhook/refusals.ts'
import { POD } from '../core/identity/world.ts'
import { responseOf, review, startWebhook, type Webhook } from './in-process.ts'

let webhook: Webhook
beforeAll(async () => {
  webhook = await startWebhook()
})
afterAll(() => webhook.stop())
beforeEach(() => webhook.takeLog())

const post = (body: string | Uint8Array, path = '/mutate') => webhook.call('POST', path, body)
const without = (key: string) => {
  const whole = JSON.parse(review(POD))
  delete whole.request[key]
  return JSON.stringify(whole)
}
const inBytes = (text: string, replaced: string, bytes: readonly number[]): Uint8Array => {
  const [before, after] = text.split(replaced)
  return Buffer.concat([Buffer.from(before ?? ''), Buffer.from(bytes), Buffer.from(after ?? '')])
}

test.each([
  ['bad-json', 'x'],
  ['bad-json', `${review(POD)}}`],
  ['bad-json', review(POD).slice(0, -1)],
  ['bad-json', `\ufeff${review(POD)}`],
  ['bad-encoding', inBytes(review({ ...POD, note: '@' }), '@', [0xff])],
  ['bad-encoding', inBytes(review({ ...POD, note: '@' }), '@', [0xc0, 0xaf])],
  ['bad-encoding', inBytes(review({ ...POD, note: '@' }), '@', [0xed, 0xa0, 0x80])],
  ['no-review', '{}'],
  ['no-review', '[]'],
  ['no-review', 'null'],
  ['no-review', '"AdmissionReview"'],
  ['no-review', '7'],
  ['no-review', JSON.stringify(POD)],
  ['no-review', '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}'],
  ['no-review', '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":[]}'],
  ['no-review', '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u","allowed":true}}'],
  ['no-review', review(POD, { uid: null })],
  ['no-review', review(POD, { uid: '' })],
  ['no-review', review(POD, { uid: 7 })],
  ['no-review', review(POD, { namespace: ['ml-quant'] })],
  ['no-review', review(POD).replace('"kind":"AdmissionReview"', '"kind":"Pod"')],
  ['other-version', review(POD).replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1')],
  ['other-version', review(POD).replace('admission.k8s.io/v1', 'admission.k8s.io/v2')],
  ['other-kind', review(POD, { kind: { group: 'batch', version: 'v1', kind: 'Job' } })],
  ['other-kind', review(POD, { kind: { group: 'example.org', version: 'v1', kind: 'Pod' } })],
  ['other-kind', review(POD, { kind: { group: '', version: 'v1', kind: 'PodExecOptions' }, operation: 'CONNECT' })],
  ['other-kind', review(POD, { kind: { group: '', version: 'v1', kind: 'Binding' } })],
  ['other-kind', review(POD, { namespace: '' })],
  ['other-kind', without('namespace')],
  ['other-kind', without('kind')],
  ['other-operation', review(null, { operation: 'DELETE', oldObject: POD })],
  ['other-operation', review(POD, { operation: 'CONNECT' })],
  ['other-operation', review(POD, { operation: 'create' })],
  ['other-operation', without('operation')],
] as const)('%s: %s', async (reason, body) => {
  for (const path of ['/mutate', '/validate']) {
    const { status, body: said, headers } = await post(body, path)
    expect([status, said]).toEqual([REFUSALS[reason].status, REFUSALS[reason].sentence])
    expect(headers['content-type']).toContain('text/plain')
  }
  expect(webhook.takeLog()).toContain(`"reason":"${reason}"`)
})

test('a body that is larger than a pod can be is refused by name, and one a little smaller is read', async () => {
  const large = (bytes: number) => review({ ...POD, padding: 'x'.repeat(bytes) })
  const refused = await post(large(10 * 1024 * 1024)).catch((error: { code: string }) => error)
  // Who goes on sending is cut off; who listens is told.
  if ('code' in refused) expect(['EPIPE', 'ECONNRESET']).toContain(refused.code)
  else expect([refused.status, refused.body]).toEqual([413, REFUSALS['too-large'].sentence])
  expect(webhook.takeLog()).toContain('"reason":"too-large"')
  expect(responseOf(await post(large(6 * 1024 * 1024)))).toMatchObject({ allowed: true })
  const count = await webhook.metrics.registry.getSingleMetricAsString('kerbside_admission_refusals_total')
  expect(count).toContain('{reason="too-large"} 1')
})

test('other types of media, methods and paths are not there', async () => {
  const asText = await webhook.call('POST', '/mutate', review(POD), { 'content-type': 'text/plain' })
  expect([asText.status, asText.body]).toEqual([415, REFUSALS['other-media-type'].sentence])
  expect((await webhook.call('POST', '/mutate', undefined, {})).status).toBe(400)
  for (const [method, path] of [
    ['GET', '/mutate'],
    ['PUT', '/validate'],
    ['POST', '/'],
    ['POST', '/mutate/x'],
  ] as const) {
    expect((await webhook.call(method, path)).status).toBe(404)
  }
})

test('nesting beyond all stacks is a denial or a refusal, and the next pod is served', async () => {
  const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  const lists = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
  for (const nested of [deep(200_000), lists(200_000)]) {
    for (const place of ['"spec":{', '"metadata":{']) {
      const pod = JSON.stringify(POD).replace(place, `${place}"initContainers":[{"x":${nested}}],"labels2":${nested},`)
      const { status, body } = await post(review('@').replace('"@"', pod))
      expect(status === 200 || status === 400).toBe(true)
      if (status === 200) expect(JSON.parse(body).response.uid).toBe('u-1')
    }
  }
  expect(responseOf(await post(review(POD)))).toMatchObject({ allowed: true })
}, 60_000)

test('keys that are names of every object are keys like others, and lend a pod nothing', async () => {
  const spec = (keys: string) => review('@').replace('"@"', JSON.stringify(POD).replace('"spec":{', `"spec":{${keys},`))
  for (const keys of ['"__proto__":{"hostNetwork":true}', '"constructor":{"prototype":{"hostNetwork":true}}']) {
    expect(responseOf(await post(spec(keys)))).toMatchObject({ allowed: true })
  }
  const labels = review({ ...POD, metadata: { name: 'train' } }).replace(
    '"metadata":{',
    '"metadata":{"__proto__":{"labels":{"kerbside.io/identity":"quant-research"}},',
  )
  expect(responseOf(await post(labels))).toMatchObject({ allowed: false })
  expect(({} as { hostNetwork?: unknown }).hostNetwork).toBeUndefined()
})

test('of a key that stands twice the last one counts, for the verdict as for the patch', async () => {
  const twice = (first: string, last: string) =>
    review('@').replace('"@"', JSON.stringify(POD).replace('"spec":{', `"spec":{"hostPID":${first},"hostPID":${last},`))
  expect(responseOf(await post(twice('true', 'false')))).toMatchObject({ allowed: true, patchType: 'JSONPatch' })
  expect(responseOf(await post(twice('false', 'true')))).toMatchObject({ allowed: false })
  const uids = review(POD).replace('"uid":"u-1"', '"uid":"u-0","uid":"u-1"')
  expect(responseOf(await post(uids))).toMatchObject({ uid: 'u-1', allowed: true })
})

test('a pod without a name yet, and one of a dry run, are decided on like any other', async () => {
  const unnamed = { ...POD, metadata: { labels: POD.metadata.labels, generateName: 'train-' } }
  const answers = [await post(review(POD)), await post(review(unnamed)), await post(review(POD, { dryRun: true }))]
  expect(answers.map((answer) => responseOf(answer)['allowed'])).toEqual([true, true, true])
  expect(webhook.takeLog()).toContain('Pod/train-…')
})

test('an object that is no pod, and one that is not there, are denied', async () => {
  for (const object of [
    null,
    'pod',
    7,
    [],
    {},
    { metadata: 7 },
    { ...POD, spec: 'x' },
    { ...POD, spec: { containers: [null] } },
  ]) {
    expect(responseOf(await post(review(object)))).toMatchObject({ uid: 'u-1', allowed: false })
  }
})
