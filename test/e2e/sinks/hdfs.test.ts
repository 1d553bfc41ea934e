/** Records in HDFS as Parquet by day, through the gateway of a pod with an identity of its own; Spark reads them at hdfs://. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chainOf, daysAgo, temporaryFolder, write } from '../../export/broker-folder.ts'
import { type Exporter, killExporters, startExporter } from '../../export/exporter-process.ts'
import { pypiFolder } from '../../lab/build/pypi.ts'
import { type Container, container } from '../clients/container.ts'

const SOON = { timeout: 180_000, interval: 200 }
/** One that is over, and one that is not, or will not be for long. */
const [DAY, TODAY] = [daysAgo(1), daysAgo(0)]
const folder = temporaryFolder()
let pod: Container
beforeAll(async () => {
  pod = await container('sinks')
})
afterAll(async () => {
  killExporters()
  await pod.stop()
  rmSync(folder, { recursive: true })
})

/** Files that HDFS has of that day, asked past the gateway. */
async function filesOf(day: string): Promise<readonly string[]> {
  const { status, body } = await pod.standing.direct('GET', `${pod.home}/audit/day=${day}?op=LISTSTATUS`)
  if (status !== 200) return []
  const listed = JSON.parse(String(body)) as { FileStatuses: { FileStatus: readonly { pathSuffix: string }[] } }
  return listed.FileStatuses.FileStatus.map(({ pathSuffix }) => pathSuffix)
}

const begin = (): Promise<Exporter> => {
  const url = `http://127.0.0.1:${pod.standing.gateway.port}`
  return startExporter(folder, [{ name: 'hdfs', to: 'hdfs', url, directory: `${pod.home}/audit`, everySeconds: 1 }])
}

test('what is written through the gateway, killed in between and merged, Spark reads once', {
  timeout: 900_000,
}, async () => {
  const lines = chainOf('pod-a', 90)
  const more = (from: number, to: number) =>
    write(join(folder, 'records'), {
      broker: 'broker-0',
      sidecar: 'pod-a',
      lines: lines.slice(from, to),
      first: 0,
      day: DAY,
    })
  more(0, 30)
  const first = await begin()
  await expect.poll(() => filesOf(DAY), SOON).toEqual(['one-000000001-000000001.parquet'])
  await expect.poll(() => first.sent('hdfs'), SOON).toBe(30)
  await first.end('SIGKILL')
  more(30, 60)
  const other = { broker: 'broker-0', sidecar: 'pod-b', lines: chainOf('pod-b', 10), first: 0, day: TODAY }
  write(join(folder, 'records'), other)
  const second = await begin()
  // A day that is over becomes one file: those that it is made of are read back through the gateway.
  await expect.poll(() => filesOf(DAY), SOON).toEqual(['one-000000001-000000002.parquet'])
  more(60, 90)
  await expect.poll(() => filesOf(DAY), SOON).toEqual(['one-000000001-000000003.parquet'])
  await second.end('SIGTERM')
  expect(await filesOf(TODAY)).toEqual(['one-000000002-000000002.parquet'])

  const packages = pypiFolder(pod.standing.lab.folder, 'spark-4')
  const program = pod.see(join(import.meta.dirname, 'read_records.py'))
  const output = await pod.run(['/usr/bin/python3', program, `${pod.home}/audit`], {
    PYTHONPATH: pod.see(packages),
    PYTHONDONTWRITEBYTECODE: '1',
  })
  expect(output).toContain('records 100 100\n')
  expect(output).toContain(`days ['${DAY}', '${TODAY}']\n`)
  expect(output).toContain("denied [('quant', 'no-dataset', 17)]\n")
  expect(output).toContain(
    "first 2026-03-02T12:00:00.060000 /data/market/6/prices-3.csv Robert'); DROP TABLE records;-- []\n",
  )
  expect(output).toContain("read [('market', 50000)]\n")
  // The gateway judged and recorded each step, as it does for any pod.
  expect(pod.standing.audit.lines.some((line) => line.includes('RENAME') && line.includes('allow'))).toBe(true)
})
