/** A week of records of the example in policies/, as its sidecars would have written them: what the tutorial replays. */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chain, NO_HASH } from '../../src/core/audit/chain.ts'
import type { Entry, Who } from '../../src/core/audit/record.ts'
import { writeSegmentName } from '../../src/core/audit/segment-name.ts'
import type { Bundle } from '../../src/core/policy/bundle.ts'
import { compile } from '../../src/core/policy/compile.ts'
import { judge } from '../../src/core/policy/decision/judge.ts'
import { type PolicyOver, policyOver } from '../../src/core/policy/decision/policy-over.ts'

/** Monday to Sunday. */
const MONDAY = Date.UTC(2026, 5, 1)
const DAYS = 7
const HOUR_MS = 3_600_000

type Job = {
  readonly identity: string
  readonly namespace: string
  readonly serviceAccount: string
  /** Hour of the day, UTC. */
  readonly hour: number
  readonly does: readonly (readonly [
    operation: string,
    path: string,
    more?: { readonly destination?: string; readonly parameters?: Readonly<Record<string, string>> },
  ])[]
}

/** What each job does on every day. */
const JOBS: readonly Job[] = [
  {
    identity: 'quant-research',
    namespace: 'ml-quant',
    serviceAccount: 'trainer',
    hour: 6,
    does: [
      ['LISTSTATUS', '/data/market'],
      ['OPEN', '/data/market/stocks.csv'],
      ['OPEN', '/data/market/bonds.csv'],
      ['OPEN', '/data/weather/seattle-weather.csv'],
      ['CREATE', '/team/quant/_tmp/model.json', { parameters: { overwrite: 'true' } }],
      ['RENAME', '/team/quant/_tmp/model.json', { destination: '/team/quant/model.json' }],
    ],
  },
  {
    identity: 'climate-models',
    namespace: 'ml-climate',
    serviceAccount: 'trainer',
    hour: 8,
    does: [
      ['OPEN', '/data/weather/seattle-weather.csv'],
      ['OPEN', '/data/market/stocks.csv'],
      ['CREATE', '/team/climate/forecast.parquet', { parameters: { overwrite: 'true' } }],
    ],
  },
  {
    identity: 'fraud-detection',
    namespace: 'ml-fraud',
    serviceAccount: 'trainer',
    hour: 9,
    does: [
      ['LISTSTATUS', '/payments/ledger/2026'],
      ['OPEN', '/payments/ledger/2026/06.parquet'],
      ['CREATE', '/team/fraud/features.parquet', { parameters: { overwrite: 'true' } }],
    ],
  },
  {
    identity: 'market-loader',
    namespace: 'data-platform',
    serviceAccount: 'loader',
    hour: 4,
    does: [
      ['CREATE', '/data/market/_tmp/stocks.csv'],
      [
        'RENAME',
        '/data/market/_tmp/stocks.csv',
        { destination: '/data/market/stocks.csv', parameters: { renameoptions: 'OVERWRITE' } },
      ],
    ],
  },
]

/** @returns the files that were written, a log for each job */
export function writeWeek(directory: string, bundle: Bundle): readonly string[] {
  mkdirSync(directory, { recursive: true })
  return JOBS.map((job, index) => {
    const sidecar = `00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`
    const name = writeSegmentName({ sidecar, number: 0 })
    writeFileSync(join(directory, name), linesOf(job, bundle, sidecar))
    return name
  })
}

function linesOf(job: Job, bundle: Bundle, sidecar: string): string {
  const slice = compile(bundle, job.identity, { namespace: job.namespace, labels: new Map() })
  if (slice === undefined) throw new Error(`the example has no identity ${job.identity}`)
  const policy = policyOver(slice)
  const { identity, namespace, serviceAccount } = job
  const who = {
    team: slice.team,
    identity,
    principal: slice.principal,
    namespace,
    pod: `${identity}-0`,
    serviceAccount,
    node: 'node-1',
  }
  const timed = Array.from({ length: DAYS }, (_, day) => MONDAY + day * 24 * HOUR_MS + job.hour * HOUR_MS).flatMap(
    (at) => job.does.flatMap((does, index) => entriesOf(does, { who, policy, bundle, at: at + index * 1000 })),
  )
  let previous = NO_HASH
  const lines = timed.map(({ entry, time }, sequence) => {
    const { record, line } = chain(entry, { previous, sidecar, sequence, time: new Date(time).toISOString() }, sha256)
    previous = record.hash
    return `${line}\n`
  })
  return lines.join('')
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

type World = { readonly who: Who; readonly policy: PolicyOver; readonly bundle: Bundle; readonly at: number }

function entriesOf([operation, path, more = {}]: Job['does'][number], { who, policy, bundle, at }: World) {
  const { destination, parameters } = more
  const question = {
    operation,
    path,
    ...(destination === undefined ? {} : { destination }),
    parameters: new Map(Object.entries(parameters ?? {})),
  }
  const { effect, reason, grants, shadow, decisions } = judge(policy, question, at)
  const dataset = decisions[0]?.dataset
  const what = {
    operationId: String(at),
    operation,
    path,
    ...(destination === undefined ? {} : { destination }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(dataset === undefined ? {} : { dataset }),
    client: 'PySpark/4.1.1',
  }
  const refs = (given: typeof grants) => given.map(({ name, at: place }) => `${name}@${place}`)
  const why = {
    effect,
    reason,
    grants: refs(grants),
    bundle: bundle.hash,
    ...(shadow === undefined ? {} : { shadow: { ...shadow, grants: refs(shadow.grants) } }),
  }
  const end = { status: effect === 'allow' ? 200 : 403, bytesRead: 0, bytesWritten: 0, durationMs: 12, cut: false }
  return [
    { entry: { kind: 'start', who, what, why } as Entry, time: at },
    { entry: { kind: 'end', who, what, end } as Entry, time: at + 12 },
  ]
}
