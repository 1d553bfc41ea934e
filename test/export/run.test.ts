/** A sink that fails is tried again, and holds up no other; what is said of it holds nothing of a record. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { KerbsideError } from '../../src/core/errors.ts'
import { openCursor } from '../../src/export/cursor.ts'
import { exportMetrics } from '../../src/export/metrics.ts'
import { type Running, runSink } from '../../src/export/run.ts'
import { exportServer } from '../../src/export/server.ts'
import { otlpSink } from '../../src/export/sinks/otlp.ts'
import type { Sink } from '../../src/export/sinks/sink.ts'
import { stdoutSink } from '../../src/export/sinks/stdout.ts'
import { chainOf, clock, temporaryFolder, write } from './broker-folder.ts'

const running: Running[] = []
const folders: string[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const SOON = { timeout: 60_000, interval: 20 }

async function world() {
  const root = temporaryFolder()
  folders.push(root)
  const records = join(root, 'records')
  write(records, { broker: 'broker-0', sidecar: 'pod-a', lines: chainOf('pod-a', 30), first: 0 })
  const failures: string[] = []
  const begin = async (name: string, sink: Sink): Promise<Running> => {
    const one = runSink({
      directory: records,
      sink,
      cursor: await openCursor(join(root, name)),
      clock,
      random: () => 0,
      onFailure: (failure) => failures.push(JSON.stringify([failure, failure.message, failure.hint])),
    })
    running.push(one)
    return one
  }
  return { records, failures, begin }
}

/** What a pipe takes, as its reader sees it. */
function pipe() {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  return { stream, lines: () => chunks.join('').split('\n').slice(0, -1) }
}

test('standard output gets every line as it stands, and what comes later', async () => {
  const { records, begin } = await world()
  const { stream, lines } = pipe()
  const out = await begin('out', { ...stdoutSink(stream), everyMs: 20 })
  await expect.poll(lines, SOON).toEqual(chainOf('pod-a', 30))
  write(records, { broker: 'broker-0', sidecar: 'pod-a', lines: chainOf('pod-a', 40).slice(30), first: 0 })
  await expect.poll(lines, SOON).toEqual(chainOf('pod-a', 40))
  // Counted when the cursor stands behind them, which is after they were written.
  await expect.poll(() => out.standing(), SOON).toMatchObject({ state: 'running', records: 40, behindBytes: 0 })
})

test('where nobody listens is tried again, while another gets everything; health and metrics say which', async () => {
  const { failures, begin } = await world()
  const { stream, lines } = pipe()
  const nobody = { url: 'http://127.0.0.1:9/v1/logs', headerFiles: {}, clock, onRejected: () => {} }
  const sinks = new Map([
    ['siem', await begin('siem', otlpSink(nobody))],
    ['out', await begin('out', stdoutSink(stream))],
  ])
  await expect.poll(() => sinks.get('siem')?.standing().failures.get('export-failed'), SOON).toBeGreaterThan(1)
  await expect.poll(lines, SOON).toEqual(chainOf('pod-a', 30))
  await expect.poll(() => sinks.get('out')?.standing().records, SOON).toBe(30)
  const server = exportServer(sinks, exportMetrics(sinks, clock))
  const ready = await server.inject('/readyz')
  expect(ready.statusCode).toBe(503)
  expect(ready.body).toMatch(/^not ready\nsiem: failing: export-failed\nout: running\n$/)
  const { body } = await server.inject('/metrics')
  expect(body).toContain('kerbside_export_failing{sink="siem"} 1')
  expect(body).toContain('kerbside_export_failing{sink="out"} 0')
  expect(body).toContain('kerbside_export_records_total{sink="out"} 30')
  expect(body).toMatch(/kerbside_export_failures_total\{sink="siem",code="export-failed"\} [1-9]/)
  expect(failures.join('\n')).not.toMatch(/prices|DROP TABLE|quant/)
})

// A sink that comes back, and one whose library quotes what it was given: no real part of ours does either when asked.
test('the same batch comes again until it is taken, and a foreign message stays out of the log', async () => {
  const { failures, begin } = await world()
  const taken: string[][] = []
  let tries = 0
  const flaky: Sink = {
    batchBytes: 2048,
    everyMs: 20,
    async resume() {},
    async write({ records }) {
      const [first] = records
      tries += 1
      if (tries % 2 === 1) throw new Error(`cannot digest ${first?.line}`)
      if (tries % 4 === 0) taken.push(records.map(({ line }) => line))
      else throw new KerbsideError('export-failed', 'not now')
    },
    async close() {},
  }
  await begin('flaky', flaky)
  await expect.poll(() => taken.flat(), SOON).toEqual(chainOf('pod-a', 30))
  expect(failures.some((text) => text.includes('internal') && text.includes('run.test.ts'))).toBe(true)
  expect(failures.join('\n')).not.toMatch(/prices|DROP TABLE|quant/)
})
