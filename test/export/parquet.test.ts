/** The Parquet sink: what stands in the folder is every record once, wherever it was interrupted, and is merged and let go by day. */
import { globSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openCursor } from '../../src/export/cursor.ts'
import { nextBatch } from '../../src/export/follow.ts'
import { directoryPlace } from '../../src/export/parquet/directory-place.ts'
import type { Place } from '../../src/export/parquet/place.ts'
import { parquetSink } from '../../src/export/sinks/parquet.ts'
import { chainOf, clock, DAY, temporaryFolder, write } from './broker-folder.ts'
import { ask, storedIn } from './rows.ts'

const DAY_MS = 86_400_000
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function world() {
  const root = temporaryFolder()
  folders.push(root)
  return { records: join(root, 'records'), lake: join(root, 'lake'), state: join(root, 'state/lake.cursor') }
}
type World = ReturnType<typeof world>

type Life = {
  readonly place?: Place
  readonly now?: () => number
  readonly retentionDays?: number
  readonly name?: string
}

/** One life of an exporter: resumes, writes what there is, and puts things in order. */
async function live({ records, lake, state }: World, life: Life = {}): Promise<void> {
  const { name = 'one', now = clock, retentionDays, place = directoryPlace(lake, name) } = life
  const cursor = await openCursor(state)
  const sink = parquetSink({ place, name, everyMs: 1, retentionDays, clock: now })
  try {
    await sink.resume(cursor.position.batch)
    for (;;) {
      const { batch, step } = await nextBatch({
        directory: records,
        position: cursor.position,
        batchBytes: 8192,
        clock: now,
      })
      if (batch.records.length > 0) await sink.write(batch)
      if (step === undefined) break
      await cursor.commit(step)
    }
    await sink.tidy?.()
  } finally {
    await sink.close()
    await cursor.close()
  }
}

const numbered = (sidecar: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${sidecar}/${at}`).toSorted(byNumber)
const byNumber = (one: string, other: string) => {
  const [a = '', b = ''] = [one, other].map((text) => text.replace(/\d+$/, (digits) => digits.padStart(9, '0')))
  return a < b ? -1 : 1
}

test('every record of every chain is one row, with what it says', async () => {
  const at = world()
  for (const sidecar of ['pod-a', 'pod-b']) {
    write(at.records, { broker: 'broker-0', sidecar, lines: chainOf(sidecar, 40), first: 0 })
  }
  await live(at)
  expect(await storedIn(at.lake)).toEqual([...numbered('pod-a', 40), ...numbered('pod-b', 40)])
  const [row] = await ask(at.lake, "SELECT * FROM records WHERE sidecar = 'pod-a' AND sequence = 6")
  expect(row).toMatchObject({
    kind: 'start',
    team: 'quant',
    effect: 'deny',
    reason: 'no-dataset',
    path: '/data/market/6/prices-3.csv',
  })
  expect(row).toMatchObject({ client: "Robert'); DROP TABLE records;--", time: new Date('2026-03-02T12:00:00.060Z') })
  const joined = await ask(
    at.lake,
    "SELECT count(*) AS operations FROM records s JOIN records e USING (sidecar, operation_id) WHERE s.kind = 'start' AND e.kind = 'end'",
  )
  expect(joined).toEqual([{ operations: 40n }])
})

/** A place that dies at one of its calls, before it is done or after: between these nothing changes on disk that stays. */
function dying(place: Place, at: number): Place {
  let calls = 0
  const mortal =
    <A extends unknown[], T>(call: (...given: A) => Promise<T>) =>
    async (...given: A): Promise<T> => {
      calls += 1
      if (calls === at) throw new Error('killed before')
      const done = await call(...given)
      calls += 1
      if (calls === at) throw new Error('killed after')
      return done
    }
  return {
    ...place,
    folders: mortal(place.folders),
    files: mortal(place.files),
    publish: mortal(place.publish),
    remove: mortal(place.remove),
  }
}

test('whichever step is its last, the next life leaves every record once, and no half of a file', {
  timeout: 300_000,
}, async () => {
  const lines = chainOf('pod-a', 60)
  let survived = false
  for (let dies = 1; !survived; dies++) {
    const at = world()
    write(at.records, { broker: 'broker-0', sidecar: 'pod-a', lines: lines.slice(0, 40), first: 0 })
    await live(at)
    write(at.records, { broker: 'broker-0', sidecar: 'pod-a', lines: lines.slice(40), first: 0 })
    const tomorrow = () => clock() + DAY_MS
    survived = await live(at, { place: dying(directoryPlace(at.lake, 'one'), dies), now: tomorrow }).then(
      () => true,
      () => false,
    )
    // More has come meanwhile, and is read first: the batch that is made anew has none of the days of the one that was begun.
    const more = { broker: 'a-broker', sidecar: 'pod-b', lines: chainOf('pod-b', 30), first: 0, day: '2026-03-03' }
    write(at.records, more)
    await live(at, { now: tomorrow })
    expect(await storedIn(at.lake), `died at ${dies}`).toEqual([...numbered('pod-a', 60), ...numbered('pod-b', 30)])
    expect(globSync('**/*.{unfinished,ndjson}', { cwd: at.lake })).toEqual([])
  }
})

test('a day that is over is one file, and days that are old go', async () => {
  const at = world()
  const lines = chainOf('pod-a', 60)
  for (let from = 0; from < 60; from += 20) {
    write(at.records, { broker: 'broker-0', sidecar: 'pod-a', lines: lines.slice(from, from + 20), first: 0 })
    await live(at)
  }
  const files = () => globSync('**/*.parquet', { cwd: at.lake }).toSorted()
  expect(files().length).toBeGreaterThan(2)
  await live(at, { now: () => clock() + DAY_MS })
  const [only, ...others] = files()
  expect(others).toEqual([])
  expect(only).toMatch(new RegExp(`^day=${DAY}/one-000000001-\\d{9}\\.parquet$`))
  expect(await storedIn(at.lake)).toEqual(numbered('pod-a', 60))
  await live(at, { now: () => clock() + 9 * DAY_MS, retentionDays: 10 })
  expect(files()).toEqual([only])
  await live(at, { now: () => clock() + 12 * DAY_MS, retentionDays: 10 })
  expect(readdirSync(at.lake).filter((name) => !name.startsWith('.'))).toEqual([])
})

test('two exporters share a folder, and neither touches a file of the other', async () => {
  const [one, two] = [world(), world()]
  write(one.records, { broker: 'broker-0', sidecar: 'pod-a', lines: chainOf('pod-a', 10), first: 0 })
  write(two.records, { broker: 'broker-1', sidecar: 'pod-b', lines: chainOf('pod-b', 10), first: 0 })
  const shared = { ...two, lake: one.lake }
  await live(one)
  await live(shared, { name: 'one-more' })
  await live(one, { now: () => clock() + DAY_MS })
  await live(shared, { name: 'one-more', now: () => clock() + DAY_MS })
  expect(await storedIn(one.lake)).toEqual([...numbered('pod-a', 10), ...numbered('pod-b', 10)])
})

test('a state that was lost is no reason to remove what is there', async () => {
  const at = world()
  const lines = chainOf('pod-a', 60)
  write(at.records, { broker: 'broker-0', sidecar: 'pod-a', lines: lines.slice(0, 30), first: 0 })
  await live(at)
  write(at.records, { broker: 'broker-0', sidecar: 'pod-a', lines: lines.slice(30), first: 0 })
  await live(at)
  rmSync(at.state)
  await expect(live(at)).rejects.toMatchObject({ code: 'bad-settings' })
  expect(await storedIn(at.lake)).toEqual(numbered('pod-a', 60))
})
