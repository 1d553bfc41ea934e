/** Records as OTLP logs, at a collector that reads them by the official definitions, over TLS and with a token. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { chainOf, temporaryFolder, write } from '../../export/broker-folder.ts'
import { killExporters, startExporter } from '../../export/exporter-process.ts'
import { attach } from '../../lab/lab.ts'
import { COLLECTOR_AUTHORIZATION, COLLECTOR_URL, collectedFile } from '../../lab/parts/collector.ts'

type Attribute = { readonly key: string; readonly value: Readonly<Record<string, unknown>> }
type Collected = {
  readonly timeUnixNano: string
  readonly severityText: string
  readonly eventName: string
  readonly body: { readonly stringValue: string }
  readonly attributes: readonly Attribute[]
}

const SIDECAR = `pod-otlp-${process.pid}`
const SOON = { timeout: 120_000, interval: 200 }
const folder = temporaryFolder()
afterEach(killExporters)
afterAll(() => rmSync(folder, { recursive: true }))

/** What the collector has of our chain, by number. */
function collected(file: string): ReadonlyMap<string, Collected> {
  const lines = readFileSync(file, { encoding: 'utf8', flag: 'a+' }).split('\n').slice(0, -1)
  const ours = lines.map((line) => JSON.parse(line) as Collected)
  return new Map(
    ours.flatMap((one) => {
      const uid = String(one.attributes.find(({ key }) => key === 'log.record.uid')?.value['stringValue'])
      return uid.startsWith(`${SIDECAR}/`) ? [[uid, one] as const] : []
    }),
  )
}

test('a collector takes every record for what it says, once it is told the right token', {
  timeout: 300_000,
}, async () => {
  const lab = attach()
  if (lab === undefined) throw new Error('these tests run inside the lab')
  const file = collectedFile(lab.folder)
  const token = join(folder, 'authorization')
  writeFileSync(token, 'Bearer of-somebody-else\n')
  const lines = chainOf(SIDECAR, 60)
  write(join(folder, 'records'), { broker: 'broker-0', sidecar: SIDECAR, lines, first: 0 })
  const to = {
    name: 'siem',
    to: 'otlp',
    url: COLLECTOR_URL,
    caFile: lab.files.authority,
    headerFiles: { authorization: token },
  }
  const exporter = await startExporter(folder, [to])
  await expect.poll(() => exporter.log(), SOON).toContain('answers 401')
  expect(collected(file).size).toBe(0)

  // A token that was replaced is read anew, without a restart.
  writeFileSync(token, `${COLLECTOR_AUTHORIZATION}\n`)
  await expect.poll(() => collected(file).size, SOON).toBe(60)
  await exporter.end('SIGTERM')

  const denied = collected(file).get(`${SIDECAR}/6`)
  expect(denied).toMatchObject({
    severityText: 'WARN',
    eventName: 'kerbside.audit.start',
    body: { stringValue: lines[6] },
  })
  expect(denied?.timeUnixNano).toBe(`${Date.UTC(2026, 2, 2, 12, 0, 0, 60)}000000`)
  expect(denied?.attributes).toEqual(
    expect.arrayContaining([
      { key: 'kerbside.sequence', value: { intValue: '6' } },
      { key: 'kerbside.effect', value: { stringValue: 'deny' } },
      { key: 'kerbside.path', value: { stringValue: '/data/market/6/prices-3.csv' } },
      { key: 'k8s.namespace.name', value: { stringValue: 'ml-quant' } },
    ]),
  )
  expect([...collected(file).values()].map(({ body }) => body.stringValue)).toEqual(lines)
  expect(exporter.log()).not.toMatch(/somebody-else|a-token-of-the-lab|prices/)
})
