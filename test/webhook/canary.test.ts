/** A word that stands where pods hold their secrets: it must come out nowhere. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { objectAt } from '../../src/core/identity/json.ts'
import { POD, podWithContainer } from '../core/identity/world.ts'
import { review, startWebhook, type Webhook } from './in-process.ts'

const CANARY = 'canary-3f9a'
let webhook: Webhook
beforeAll(async () => {
  webhook = await startWebhook()
})
afterAll(() => webhook.stop())

/** As denied as can be, so that all messages are written. */
const SPEC = objectAt(
  podWithContainer({
    env: [
      { name: 'PASSWORD', value: CANARY },
      { name: 'HADOOP_CONF_DIR', value: CANARY },
      { name: 'KERBSIDE_CA', value: CANARY },
    ],
    args: ['--password', CANARY],
    command: [CANARY],
    securityContext: { privileged: true, capabilities: { add: ['SYS_PTRACE'] } },
    lifecycle: { preStop: { exec: { command: [CANARY] } } },
  }),
  'spec',
)
const HOLDING_SECRETS = {
  ...POD,
  spec: SPEC,
  metadata: {
    labels: { 'kerbside.io/identity': 'quant-research', note: CANARY },
    annotations: { note: CANARY, 'kerbside.io/unknown': CANARY },
    ownerReferences: [{ kind: 'Job', name: 'nightly' }],
  },
}

test('neither log nor metrics nor answers hold it, whatever becomes of the pod', async () => {
  const spec = SPEC
  const harmless = podWithContainer({ env: [{ name: 'PASSWORD', value: CANARY }], args: [CANARY] })
  const asked = [
    harmless,
    HOLDING_SECRETS,
    { ...HOLDING_SECRETS, spec: CANARY },
    { ...HOLDING_SECRETS, spec: { ...spec, containers: [CANARY] } },
    { ...HOLDING_SECRETS, spec: { ...spec, hostPID: CANARY } },
    { ...HOLDING_SECRETS, metadata: { ...HOLDING_SECRETS.metadata, ownerReferences: CANARY } },
  ]
  const answers: string[] = []
  for (const path of ['/mutate', '/validate']) {
    for (const pod of asked) {
      for (const about of [{}, { operation: 'UPDATE', oldObject: POD }, { operation: 'UPDATE', oldObject: pod }]) {
        answers.push(told((await webhook.call('POST', path, review(pod, about))).body))
      }
    }
    answers.push((await webhook.call('POST', path, `{"request": "${CANARY}"`)).body)
    answers.push((await webhook.call('POST', path, review(POD, { kind: { kind: CANARY } }))).body)
    answers.push((await webhook.call('POST', path, review(POD, { operation: CANARY }))).body)
  }
  answers.push((await webhook.call('GET', `/${CANARY}`)).body)
  const log = webhook.takeLog()
  expect(log).toContain('Job/nightly')
  expect(log).toContain('"reasons":["')
  expect(log).not.toContain(CANARY)
  expect(answers.join('\n')).toContain('"allowed":true')
  expect(answers.join('\n')).not.toContain(CANARY)
  expect((await webhook.call('GET', '/metrics')).body).not.toContain(CANARY)
})

/** With the patch as text: a canary in base64 would not be seen. */
function told(body: string): string {
  const patch = /"patch":"([^"]*)"/.exec(body)?.[1] ?? ''
  return `${body}\n${Buffer.from(patch, 'base64').toString()}`
}
