/**
 * Questions of the audit page over millions of records, beside the same answers from the records themselves, without counts made
 * beforehand. The records are made, and are in no chain: what is measured is how they are found.
 */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance, listValue } from '@duckdb/node-api'
import { openQuestions } from '../../../src/review/query/open.ts'
import type { Questions } from '../../../src/review/query/questions.ts'
import { header, ratio, say, sayGoal } from '../row.ts'
import { generate } from './generate.ts'

const DAY = 86_400_000
const UNTIL = Date.UTC(2026, 2, 30)
const DAYS = 30
const TIMES = 15
const ALL = { of: 'all' } as const
const GOAL_MS = 1000
const GOAL_COLD_MS = 3000
const GOAL_BYTES = 30

export const SIZES: readonly number[] = [1_000_000, 10_000_000]

/** @param sizes how many records, once each */
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
  const directory = join(root, 'audit')
  const parquet = join(directory, 'parquet')
  await mkdir(parquet, { recursive: true })
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const files = await generate(connection, { directory: parquet, records, seed: 1, until: UNTIL, days: DAYS })
  header(`review, ${records.toLocaleString('en-US')} records of ${DAYS} days`)
  await measureAll({ root, directory, parquet, files, connection })
  connection.closeSync()
  instance.closeSync()
}

export type Measured = {
  readonly root: string
  readonly directory: string
  readonly parquet: string
  readonly files: readonly string[]
  readonly connection: DuckDBConnection
}

export async function measureAll({ root, directory, parquet, files, connection }: Measured): Promise<void> {
  const cache = join(root, 'cache')
  const options = { directory, cache, parquet: [parquet], clock: () => UNTIL + 1 }
  const first = await openQuestions(options)
  await first.look()
  const { intake } = await first.questions.health(ALL)
  if (intake.problem !== undefined) throw new Error(intake.problem)
  await first.close()

  const begun = performance.now()
  const { questions, close } = await openQuestions(options)
  await questions.overview({ lastMs: 7 * DAY }, ALL)
  sayGoal('opened, and the first overview', performance.now() - begun, GOAL_COLD_MS, 'ms')
  const plain = (statement: string) => async () => {
    await connection.runAndReadAll(statement, { files: listValue([...files]) })
  }
  for (const { what, ask, beside } of QUESTIONS) {
    const ours = await p95(() => ask(questions))
    if (beside === undefined) sayGoal(`${what}, p95`, ours, GOAL_MS, 'ms')
    else {
      const other = await p95(plain(beside))
      say({ what: `${what}, p95`, ours: ms(ours), beside: `from all records ${ms(other)}`, ratio: ratio(ours, other) })
    }
  }
  const parquetBytes = await bytesIn(parquet)
  const [row] = (
    await connection.runAndReadAll('SELECT count(*)::DOUBLE AS n FROM read_parquet($files)', {
      files: listValue([...files]),
    })
  ).getRowsJson()
  sayGoal('a record in Parquet', parquetBytes / Number(row?.[0]), GOAL_BYTES, 'bytes', 1)
  say({
    what: 'counts beside it, a record',
    ours: `${((await bytesIn(cache)) / Number(row?.[0])).toFixed(1)} bytes`,
    beside: '',
    ratio: '',
  })
  say({
    what: 'memory of the process',
    ours: `${Math.round(process.memoryUsage.rss() / 1e6)} MB`,
    beside: '',
    ratio: '',
  })
  await close()
}

type Asked = {
  readonly what: string
  readonly ask: (questions: Questions) => Promise<unknown>
  /** The same from the records. */
  readonly beside?: string
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
    what: 'facets of what a team was denied',
    ask: (questions) =>
      questions.facets({ filter: { team: ['team-03'], decision: ['deny'], lastMs: 7 * DAY }, values: 50 }, ALL),
  },
  { what: 'the newest hundred', ask: (questions) => questions.records({ filter: {}, limit: 100 }, ALL) },
  {
    what: 'a hundred from the middle of the month',
    ask: (questions) =>
      questions.records({ filter: {}, limit: 100, after: { at: UNTIL - 15 * DAY, sidecar: '8', sequence: 0 } }, ALL),
  },
  {
    what: 'the newest hundred denials of a team',
    ask: (questions) => questions.records({ filter: { team: ['team-05'], decision: ['deny'] }, limit: 100 }, ALL),
  },
  {
    what: 'what is below a path',
    ask: (questions) => questions.records({ filter: { path: '/data/dataset-07' }, limit: 100 }, ALL),
  },
  {
    what: 'a piece of a path that is nowhere',
    ask: (questions) => questions.records({ filter: { text: 'part-99999' }, limit: 100 }, ALL),
  },
  {
    what: 'a dataset since the beginning',
    ask: (questions) => questions.dataset({ dataset: 'dataset-07' }, ALL),
    beside: `SELECT team, identity, operation, count(*), sum(bytes_read), min(time), max(time) FROM read_parquet($files)
      WHERE dataset = 'dataset-07' GROUP BY ALL`,
  },
  {
    what: 'a job',
    ask: async (questions) => {
      const { of } = await questions.facets({ filter: { team: ['team-01'], lastMs: DAY }, values: 1 }, ALL)
      const [kind = '', name = ''] = of.job[0]?.value.split('/') ?? []
      return questions.job({ kind, name, namespace: 'ml-team-01', limit: 100 }, ALL)
    },
  },
]

const ms = (value: number): string => `${Math.round(value)} ms`

async function p95(ask: () => Promise<unknown>): Promise<number> {
  await ask()
  const times: number[] = []
  for (let time = 0; time < TIMES; time += 1) {
    const begun = performance.now()
    await ask()
    times.push(performance.now() - begun)
  }
  return times.toSorted((one, other) => one - other)[Math.ceil(TIMES * 0.95) - 1] ?? Number.NaN
}

async function bytesIn(directory: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size
  return bytes
}
