/** The pages over millions of records, asked through their server in a process of its own: how long, how large, and how much memory. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openQuestions } from '../../../src/review/query/open.ts'
import { serve } from '../../review/in-process.ts'
import { type Known, linksOver } from './asked.ts'
import { makePolicies } from './policies.ts'

export type Asked = {
  readonly root: string
  readonly until: number
  readonly days: number
  /** Different links of each kind. */
  readonly turns: number
}

export type Measured = {
  /** Milliseconds, from nothing but the logs; and again, with what was made of them. */
  readonly takenInMs: number
  readonly openedMs: number
  readonly pages: readonly {
    readonly what: string
    readonly p50: number
    readonly p95: number
    /** Of this process, milliseconds a page. */
    readonly processor: number
    readonly mostBytes: number
  }[]
  readonly mostBytesOfMemory: number
}

const DAY = 86_400_000
const ALL = { of: 'all' } as const

export async function measurePages({ root, until, days, turns }: Asked): Promise<Measured> {
  const directory = join(root, 'audit')
  const { sources, before, after } = await makePolicies(root)
  const clock = () => until + 1
  const options = { directory, cache: join(root, 'cache'), parquet: [join(directory, 'parquet')], clock, ...sources }

  let begun = performance.now()
  const first = await openQuestions(options)
  await first.look()
  const { intake } = await first.questions.health(ALL)
  if (intake.problem !== undefined) throw new Error(intake.problem)
  const takenInMs = performance.now() - begun
  await first.close()

  begun = performance.now()
  const asking = await openQuestions(options)
  const served = await serve(asking, { clock })
  await size(`${served.url}/`)
  const openedMs = performance.now() - begun

  const known: Known = { until, days, before, after, ...(await samples(asking.questions, { until, days })) }
  const pages: Measured['pages'][number][] = []
  for (const { what, link } of linksOver(known)) {
    const times: number[] = []
    let mostBytes = 0
    const spent = process.cpuUsage()
    for (let turn = 0; turn < turns; turn += 1) {
      begun = performance.now()
      mostBytes = Math.max(mostBytes, await size(served.url + link(turn)))
      times.push(performance.now() - begun)
    }
    const { user, system } = process.cpuUsage(spent)
    times.sort((one, other) => one - other)
    const at = (share: number) => times[Math.ceil(turns * share) - 1] ?? Number.NaN
    pages.push({ what, p50: at(0.5), p95: at(0.95), processor: (user + system) / 1000 / turns, mostBytes })
  }
  const peak = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  await served.close()
  await asking.close()
  return { takenInMs, openedMs, pages, mostBytesOfMemory: Number(peak) * 1024 }
}

async function size(url: string): Promise<number> {
  const answer = await fetch(url, { headers: { accept: 'text/html' } })
  const bytes = (await answer.arrayBuffer()).byteLength
  // That it gave up is a time as well, and a long one.
  if (answer.status !== 200 && answer.status !== 503) throw new Error(`${url}: ${answer.status}`)
  return bytes
}

/** Rows here and there, for pages that are about one thing. */
async function samples(
  { records }: Awaited<ReturnType<typeof openQuestions>>['questions'],
  { until, days }: Pick<Asked, 'until' | 'days'>,
): Promise<Pick<Known, 'records' | 'denials' | 'jobs' | 'chains'>> {
  const found = { records: [] as string[], denials: [] as string[], jobs: [] as string[], chains: [] as string[] }
  for (let part = 0; part < 10; part += 1) {
    const after = { at: until - Math.floor((days * DAY * part) / 10), sidecar: '8', sequence: 0 }
    const some = await records({ filter: {}, after, limit: 20 }, ALL)
    const refused = await records({ filter: { decision: ['deny'] }, after, limit: 3 }, ALL)
    for (const { sidecar, sequence, who } of some.items.slice(0, 3)) {
      found.records.push(`${sidecar}/${sequence}`)
      found.chains.push(sidecar)
      const { kind = '', name = '' } = who.owner ?? {}
      found.jobs.push(String(new URLSearchParams({ namespace: who.namespace, kind, name })))
    }
    found.denials.push(...refused.items.map(({ sidecar, sequence }) => `${sidecar}/${sequence}`))
  }
  return found
}
