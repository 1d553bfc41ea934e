/**
 * Every page and filter of the audit pages over millions of records, through their server, and answers that are counted beforehand
 * beside the same from the records themselves. The records are made, and are in no chain: what is measured is how they are found.
 */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance, listValue } from '@duckdb/node-api'
import { openQuestions } from '../../../src/review/query/open.ts'
import type { Questions } from '../../../src/review/query/questions.ts'
import { measureApart } from '../apart.ts'
import { header, print, ratio, say, sayGoal } from '../row.ts'
import { generate } from './generate.ts'
import type { Measured } from './measure.ts'

const DAY = 86_400_000
const UNTIL = Date.UTC(2026, 2, 30)
const DAYS = 30
/** Different links of each kind, and the same questions so many times for what stands beside. */
const TURNS = 30
const TIMES = 5
const ALL = { of: 'all' } as const
const GOAL_MS = 1000
const GOAL_COLD_MS = 3000
const GOAL_BYTES = 30
const GOAL_PAGE_BYTES = 100_000

export const SIZES: readonly number[] = [1_000_000, 10_000_000]

/** @param sizes how many records, once each; 100,000,000 need 5 GB of disk and half an hour */
export async function benchReview(sizes: readonly number[] = SIZES): Promise<void> {
  for (const records of sizes) {
    const root = await mkdtemp(join(tmpdir(), 'kerbside-bench-review-'))
    try {
      await benchSize(root, records)
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  }
}

async function benchSize(root: string, records: number): Promise<void> {
  const parquet = join(root, 'audit/parquet')
  await mkdir(parquet, { recursive: true })
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '2GB', temp_directory: join(root, 'spill') })
  const connection = await instance.connect()
  const files = await generate(connection, { directory: parquet, records, seed: 1, until: UNTIL, days: DAYS })
  const measured = await measureApart<Measured>(join(import.meta.dirname, 'measure.ts'), 'measurePages', {
    ...{ root, until: UNTIL, days: DAYS, turns: TURNS },
  })
  sayPages(records, measured)
  header(`counted beforehand, ${records.toLocaleString('en-US')} records`)
  await sayBeside({ root, parquet, files, connection })
  connection.closeSync()
  instance.closeSync()
  const [kept, made] = [await bytesIn(parquet), await bytesIn(join(root, 'cache'))]
  sayGoal('a record in Parquet', kept / records, GOAL_BYTES, 'bytes', 1)
  say({ what: 'counts beside it, a record', ours: `${(made / records).toFixed(1)} bytes`, beside: '', ratio: '' })
}

const WIDTHS = [48, 10, 10, 12, 10, 12] as const

function sayPages(records: number, { takenInMs, openedMs, pages, mostBytesOfMemory }: Measured): void {
  console.log()
  const title = `pages, ${records.toLocaleString('en-US')} records of ${DAYS} days`
  print([title, 'p50', 'p95', 'of the goal', 'processor', 'at most'], WIDTHS)
  for (const { what, p50, p95, processor, mostBytes } of pages)
    print([what, ms(p50), ms(p95), ratio(p95, GOAL_MS), ms(processor), `${(mostBytes / 1000).toFixed(1)} kB`], WIDTHS)
  header('and all of them')
  sayGoal('the slowest page, p95', Math.max(...pages.map(({ p95 }) => p95)), GOAL_MS, 'ms')
  sayGoal('the largest page', Math.max(...pages.map(({ mostBytes }) => mostBytes)) / 1000, GOAL_PAGE_BYTES / 1000, 'kB')
  sayGoal('opened, and the first page', openedMs, GOAL_COLD_MS, 'ms')
  const seconds = takenInMs / 1000
  say({ what: 'taken in from nothing', ours: `${seconds.toFixed(1)} s`, beside: '', ratio: '' })
  say({ what: 'memory, at most', ours: `${Math.round(mostBytesOfMemory / 1e6)} MB`, beside: '', ratio: '' })
}

type Beside = {
  readonly root: string
  readonly parquet: string
  readonly files: readonly string[]
  readonly connection: DuckDBConnection
}

async function sayBeside({ root, parquet, files, connection }: Beside): Promise<void> {
  const options = { directory: join(root, 'audit'), cache: join(root, 'cache'), parquet: [parquet] }
  const { questions, close } = await openQuestions({ ...options, clock: () => UNTIL + 1 })
  for (const { what, ask, beside } of QUESTIONS) {
    const ours = await slowest(() => ask(questions))
    const other = await slowest(() => connection.runAndReadAll(beside, { files: listValue([...files]) }))
    say({ what, ours: ms(ours), beside: `from all records ${ms(other)}`, ratio: ratio(ours, other) })
  }
  await close()
}

type Asked = {
  readonly what: string
  readonly ask: (questions: Questions) => Promise<unknown>
  /** The same from the records. */
  readonly beside: string
}

const QUESTIONS: readonly Asked[] = [
  {
    what: 'overview of 30 days',
    ask: (questions) => questions.overview({ lastMs: DAYS * DAY }, ALL),
    beside: `SELECT epoch_ms(time) // 21600000, count(*) FILTER (effect = 'allow'), count(*) FILTER (effect = 'deny'),
      count(DISTINCT identity), count(DISTINCT dataset), sum(bytes_read), sum(bytes_written)
      FROM read_parquet($files) GROUP BY ALL`,
  },
  {
    what: 'facets of everything',
    ask: (questions) => questions.facets({ filter: {}, values: 50 }, ALL),
    beside: `SELECT team, identity, namespace, dataset, operation, effect, reason, kind, owner_name, count(*)
      FROM read_parquet($files) GROUP BY ALL`,
  },
  {
    what: 'a dataset since the beginning',
    ask: (questions) => questions.dataset({ dataset: 'dataset-07' }, ALL),
    beside: `SELECT team, identity, operation, count(*), sum(bytes_read), min(time), max(time) FROM read_parquet($files)
      WHERE dataset = 'dataset-07' GROUP BY ALL`,
  },
]

const ms = (value: number): string => `${Math.round(value)} ms`

async function slowest(ask: () => Promise<unknown>): Promise<number> {
  await ask()
  const times: number[] = []
  for (let time = 0; time < TIMES; time += 1) {
    const begun = performance.now()
    await ask()
    times.push(performance.now() - begun)
  }
  return Math.max(...times)
}

async function bytesIn(directory: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size
  return bytes
}
