/** Records in a real Kafka, over TLS and SASL: killed in the middle it loses none, and what comes twice is told by its number. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { headOf } from '../../../src/core/audit/glimpse.ts'
import { chainOf, daysAgo, temporaryFolder, write } from '../../export/broker-folder.ts'
import { killExporters, startExporter } from '../../export/exporter-process.ts'
import { attach, type Lab } from '../../lab/lab.ts'
import { KAFKA_OUTSIDE, KAFKA_USER } from '../../lab/parts/kafka.ts'
import { makeTopic, readTopic, removeTopic } from './topic.ts'

const TOPIC = `kerbside-audit-${process.pid}`
const PODS = ['pod-a', 'pod-b', 'pod-c']
const SOON = { timeout: 120_000, interval: 200 }

let lab: Lab
const folders: string[] = []
beforeAll(async () => {
  const found = attach()
  if (found === undefined) throw new Error('these tests run inside the lab')
  lab = found
  await makeTopic(TOPIC)
})
let isDown = false
afterEach(async () => {
  killExporters()
  if (isDown) await lab.start('kafka')
  isDown = false
})
afterAll(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  await removeTopic(TOPIC)
})

/** A folder of records, and what puts them into the topic. */
function world(password: string = KAFKA_USER.password) {
  const folder = temporaryFolder()
  folders.push(folder)
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, `${password}\n`)
  const sasl = { mechanism: 'SCRAM-SHA-512', username: KAFKA_USER.name, passwordFile }
  const to = {
    name: 'bus',
    to: 'kafka',
    brokers: [KAFKA_OUTSIDE],
    topic: TOPIC,
    tls: { caFile: lab.files.authority },
    sasl,
  }
  let written = 0
  return {
    begin: () => startExporter(folder, [to]),
    /** So many more records of each pod. */
    more(count: number) {
      for (const sidecar of PODS) {
        const lines = chainOf(sidecar, written + count).slice(written)
        write(join(folder, 'records'), { broker: 'broker-0', sidecar, lines, first: 0, day: daysAgo(0) })
      }
      written += count
    },
  }
}

test('Kafka and the exporter are killed in the middle: every record is there, each chain in its order', {
  timeout: 600_000,
}, async () => {
  const { begin, more } = world()
  more(40)
  const first = await begin()
  await expect.poll(() => first.sent('bus'), SOON).toBe(120)
  isDown = true
  await lab.stop('kafka', 'SIGKILL')
  more(40)
  await expect.poll(() => first.readiness(), SOON).toMatch(/^not ready\nbus: failing: export-failed/)
  await lab.start('kafka')
  isDown = false
  await expect.poll(() => first.sent('bus'), SOON).toBe(240)
  more(20)
  await first.end('SIGKILL')
  const second = await begin()
  more(20)
  const everything = new Set(PODS.flatMap((pod) => chainOf(pod, 120)))
  const messages = await readTopic(TOPIC, (sofar) => new Set(sofar.map(({ value }) => value)).size >= everything.size)
  await second.end('SIGTERM')

  expect(new Set(messages.map(({ value }) => value))).toEqual(everything)
  expect(messages.every(({ key, value }) => key === headOf(value)?.sidecar)).toBe(true)
  for (const pod of PODS) {
    const ofPod = messages.filter(({ key }) => key === pod)
    expect(new Set(ofPod.map(({ partition }) => partition)).size).toBe(1)
    const numbers = new Set(ofPod.map(({ value }) => headOf(value)?.sequence))
    expect([...numbers]).toEqual(Array.from({ length: 120 }, (_, at) => at))
  }
  expect(first.log() + second.log()).not.toMatch(new RegExp(`${KAFKA_USER.password}|prices`))
})

test('a wrong password is told as what it is, and by nobody repeated', { timeout: 300_000 }, async () => {
  const { begin, more } = world('another-password')
  more(1)
  const exporter = await begin()
  await expect.poll(() => exporter.log(), SOON).toMatch(/takes nothing: .*AUTHENTICATION/)
  expect(await exporter.readiness()).toMatch(/failing: export-failed/)
  expect(exporter.log()).not.toContain('another-password')
})
