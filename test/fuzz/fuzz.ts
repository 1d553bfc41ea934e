/** Fires until the time is over or something got past, in batches after each of which the tree is compared. */
import type { Counters } from '../../sidecar/gateway/counters.ts'
import type { Lab } from '../lab/lab.ts'
import { type Batch, fireBatch } from './batch.ts'
import { readCorpus } from './corpus.ts'
import { volleysOf } from './grammar/draw.ts'
import { narrowDown } from './narrow-down.ts'
import { IDENTITIES } from './policies.ts'
import { besiege, type Siege, type Violation } from './siege.ts'

export type FuzzOptions = {
  readonly seed: number
  readonly seconds: number
  /** Goes on for so many, however slow the machine is. */
  readonly leastRequests?: number
  readonly weakening?: string | undefined
  readonly say: (line: string) => void
}

export type Fuzzed = {
  readonly requests: number
  readonly answers: number
  readonly upstreamRequests: number
  readonly allowed: number
  /** By reason, errors included. */
  readonly denied: ReadonlyMap<string, number>
  readonly violations: readonly Violation[]
  /** The shortest request that shows the first violation. */
  readonly request?: string
  readonly foundAfterSeconds?: number
  readonly seconds: number
  /** Largest that was seen of the gateway's process. */
  readonly rssBytes: number
}

const BATCH_MS = 5000

export async function fuzz(lab: Lab, options: FuzzOptions): Promise<Fuzzed> {
  const siege = await besiege(lab, options.weakening)
  try {
    return await attack(siege, options)
  } finally {
    await siege.end()
  }
}

async function attack(siege: Siege, { seed, seconds, leastRequests = 0, say }: FuzzOptions): Promise<Fuzzed> {
  const next = volleysOf(seed, readCorpus(), siege.world.inodes)
  const begun = performance.now()
  const elapsed = () => (performance.now() - begun) / 1000
  let [requests, answers, rssBytes] = [0, 0, 0]
  let violations: readonly Violation[] = []
  let found: Pick<Fuzzed, 'request' | 'foundAfterSeconds'> = {}
  const isDue = () => elapsed() < seconds || requests < leastRequests
  for (let number = 0; isDue() && violations.length === 0; number += 1) {
    await siege.become(IDENTITIES[number % IDENTITIES.length] ?? 'careful')
    const batch = await fireBatch(siege, next, performance.now() + BATCH_MS)
    violations = batch.violations
    requests += sum(batch.fired, ({ shots }) => shots.length)
    answers += sum(batch.fired, ({ statuses }) => statuses.length)
    rssBytes = Math.max(rssBytes, (await siege.gateway.report()).memory.rss)
    const rate = Math.round(requests / elapsed())
    say(`${elapsed().toFixed(0)} s: ${requests} requests, ${rate} a second, ${siege.upstreamRequests} upstream`)
    const [first] = violations
    if (first !== undefined) found = await followUp(first, batch)
  }
  const { upstreamRequests } = siege
  const decided = decisionsIn((await siege.gateway.report()).counters)
  return { requests, answers, upstreamRequests, ...decided, violations, seconds: elapsed(), rssBytes, ...found }

  async function followUp(first: Violation, { fired }: Batch) {
    const foundAfterSeconds = elapsed()
    const request = await narrowDown(siege, first, fired)
    return { foundAfterSeconds, ...(request === undefined ? {} : { request }) }
  }
}

function decisionsIn({ operations }: Counters): Pick<Fuzzed, 'allowed' | 'denied'> {
  const denied = new Map<string, number>()
  for (const { effect, reason, count } of operations) {
    if (effect !== 'allow') denied.set(reason, (denied.get(reason) ?? 0) + count)
  }
  return { allowed: sum(operations, ({ effect, count }) => (effect === 'allow' ? count : 0)), denied }
}

const sum = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((total, one) => total + of(one), 0)
