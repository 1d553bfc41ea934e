/** A month of records of the example in policies/, each decided by that policy, with what a reviewer would want to find in it. */
import { mkdirSync } from 'node:fs'
import type { Entry, What, Who } from '../../src/core/audit/record.ts'
import type { Bundle } from '../../src/core/policy/bundle.ts'
import { compile } from '../../src/core/policy/compile.ts'
import { judge } from '../../src/core/policy/decision/judge.ts'
import { policyOver } from '../../src/core/policy/decision/policy-over.ts'
import { chained, NOON, type Timed, writeLog } from '../io/audit/logs.ts'

/** A Monday, just before nine. */
export const NOW = Date.UTC(2026, 5, 29, 8, 55)
const DAY_MS = 86_400_000
const DAYS = 30
/** What a hostile client makes of a path; from here it must only ever be text. */
export const HOSTILE_PATH = `/data/market/<script>alert(1)</script>\u001b[31m\n\u202egnp.${'x'.repeat(7900)}`

type Does = readonly [operation: string, path: string, more?: Partial<What>]
type Job = {
  readonly identity: string
  readonly namespace: string
  readonly serviceAccount: string
  readonly name: string
  readonly hour: number
  /** Days before now: of the first and the last run. */
  readonly from: number
  readonly to: number
  readonly times: number
  readonly does: readonly Does[]
}

const quant = { identity: 'quant-research', namespace: 'ml-quant', serviceAccount: 'trainer' }
const climate = { identity: 'climate-models', namespace: 'ml-climate', serviceAccount: 'trainer' }
const fraud = { identity: 'fraud-detection', namespace: 'ml-fraud', serviceAccount: 'trainer' }
const loader = { identity: 'market-loader', namespace: 'data-platform', serviceAccount: 'loader' }

const JOBS: readonly Job[] = [
  {
    ...{ ...loader, name: 'load-market', hour: 4, from: DAYS, to: 0, times: 3 },
    does: [
      ['CREATE', '/data/market/_tmp/stocks.csv'],
      [
        'RENAME',
        '/data/market/_tmp/stocks.csv',
        { destination: '/data/market/stocks.csv', parameters: { renameoptions: 'OVERWRITE' } },
      ],
    ],
  },
  {
    ...{ ...quant, name: 'train-momentum', hour: 6, from: DAYS, to: 0, times: 6 },
    does: [
      ['LISTSTATUS', '/data/market'],
      ['OPEN', '/data/market/stocks.csv'],
      ['OPEN', '/data/market/bonds.csv'],
      ['CREATE', '/team/quant/_tmp/model.json', { parameters: { overwrite: 'true' } }],
      ['RENAME', '/team/quant/_tmp/model.json', { destination: '/team/quant/model.json' }],
    ],
  },
  {
    ...{ ...quant, name: 'train-weather', hour: 14, from: 3, to: 0, times: 2 },
    does: [['OPEN', '/data/weather/seattle-weather.csv']],
  },
  {
    ...{ ...climate, name: 'forecast', hour: 8, from: DAYS, to: 1, times: 4 },
    does: [
      ['OPEN', '/data/weather/seattle-weather.csv'],
      ['CREATE', '/team/climate/forecast.parquet', { parameters: { overwrite: 'true' } }],
    ],
  },
  {
    ...{ ...climate, name: 'explore-markets', hour: 11, from: 5, to: 1, times: 3 },
    does: [
      ['LISTSTATUS', '/payments/ledger'],
      ['OPEN', '/data/market/stocks.csv'],
      ['OPEN', '/data/market-restricted/positions.csv'],
    ],
  },
  {
    ...{ ...fraud, name: 'features', hour: 9, from: DAYS, to: 1, times: 2 },
    does: [
      ['LISTSTATUS', '/payments/ledger/2026'],
      ['OPEN', '/payments/ledger/2026/06.parquet'],
      ['DELETE', '/payments/ledger/2026', { parameters: { recursive: 'true' } }],
    ],
  },
]

/** What was in force until so many days before now, instead of today's. */
export type Earlier = { readonly bundle: Bundle; readonly days: number }

/** @returns how many records there are */
export function writeMonth(directory: string, bundle: Bundle, earlier?: Earlier): number {
  mkdirSync(directory, { recursive: true })
  let count = 0
  for (const [index, job] of JOBS.entries()) {
    const sidecar = `00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`
    const { lines } = chained(sidecar, entriesOf(job, bundle, earlier))
    writeLog(directory, sidecar, lines, 400)
    count += lines.length
  }
  return count
}

function entriesOf(job: Job, today: Bundle, earlier: Earlier | undefined): readonly Timed[] {
  const { identity, namespace, serviceAccount, name, does } = job
  const policyIn = (bundle: Bundle) => {
    const slice = compile(bundle, identity, { namespace, labels: new Map() })
    if (slice === undefined) throw new Error(`the example has no identity ${identity}`)
    return { ...slice, hash: bundle.hash, policy: policyOver(slice) }
  }
  const now = policyIn(today)
  const then = earlier === undefined ? now : policyIn(earlier.bundle)
  const { team, principal } = now
  const who: Who = {
    team,
    identity,
    principal,
    namespace,
    pod: `${name}-x7k2p`,
    serviceAccount,
    node: 'node-1',
    owner: { kind: 'Job', name },
  }
  const entries: Timed[] = [at(NOW - job.from * DAY_MS - 60_000, { kind: 'open', who, detail: 'started' })]
  for (let day = job.from; day >= job.to; day--) {
    const { policy, hash } = day > (earlier?.days ?? DAYS) ? then : now
    const begin = Math.floor((NOW - day * DAY_MS) / DAY_MS) * DAY_MS + job.hour * 3_600_000
    // Weekends are quieter, and no two days alike.
    const runs = new Date(begin).getUTCDay() % 6 === 0 ? 1 : job.times + (day % 3)
    for (let run = 0; run < runs; run++) {
      for (const [step, [operation, path, more = {}]] of does.entries()) {
        const time = begin + run * 240_000 + step * 1700
        if (time >= NOW - 5000) continue
        const question = { operation, path, ...more, parameters: new Map(Object.entries(more.parameters ?? {})) }
        const { effect, reason, grants, decisions } = judge(policy, question, time)
        const dataset = decisions[0]?.dataset
        const what: What = {
          operationId: `${time}`,
          operation,
          path,
          ...more,
          ...(dataset === undefined ? {} : { dataset }),
          client: 'PySpark/4.1.1',
        }
        const why = { effect, reason, grants: grants.map((one) => `${one.name}@${one.at}`), bundle: hash }
        const size = effect === 'deny' ? 0 : 1_000_000 * (1 + ((day * 7 + step * 3) % 9))
        const [bytesRead, bytesWritten] = operation === 'OPEN' ? [size, 0] : operation === 'CREATE' ? [0, size] : [0, 0]
        const end = {
          status: effect === 'allow' ? 200 : 403,
          bytesRead,
          bytesWritten,
          durationMs: 8 + ((day * 13 + step * 29) % 240),
          cut: false,
        }
        entries.push(at(time, { kind: 'start', who, what, why }), at(time + 240, { kind: 'end', who, what, end }))
      }
    }
  }
  return [...entries, ...special(job, who, today)]
}

/** What does not happen every day. */
function special({ name }: Job, who: Who, { hash }: Bundle): readonly Timed[] {
  if (name === 'explore-markets') {
    const what: What = {
      operationId: 'hostile',
      operation: 'OPEN',
      path: HOSTILE_PATH,
      client: '<img src=x onerror=alert(1)>\u202e',
    }
    const why = { effect: 'deny', reason: 'control-character', grants: [], bundle: hash } as const
    return [
      at(NOW - 4 * 3_600_000, {
        kind: 'start',
        who: { ...who, owner: { kind: 'Job', name: '"><b>job</b>' } },
        what,
        why,
      }),
    ]
  }
  if (name !== 'features') return []
  const detail = 'the KDC refuses the principal or its key'
  return [at(NOW - 2 * 3_600_000, { kind: 'credential', who, state: 'expired', detail })]
}

/** {@link chained} counts from noon of its own day. */
const at = (time: number, entry: Entry): Timed => ({ at: time - NOON, entry })
