/** Fires until the time is over or something got past, in batches after each of which the tree is compared. */
import type { Lab } from '../lab/lab.ts'
import { readCorpus } from './corpus.ts'
import { mutate } from './grammar/mutate.ts'
import { makeShot } from './grammar/requests.ts'
import type { Shot } from './grammar/shot.ts'
import { IDENTITIES } from './policies.ts'
import { Random } from './random.ts'
import { fewest, shortest } from './shrink.ts'
import { besiege, type Siege, type Violation } from './siege.ts'
import { Gun, type Volley } from './volley.ts'

export type FuzzOptions = {
  readonly seed: number
  readonly seconds: number
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

const SOCKETS = 64
const BATCH_MS = 5000
/** How many of the last volleys may have sent what was just seen upstream. */
const SUSPECTS = 4 * SOCKETS
const SHRINK_MS = 8000

export async function fuzz(lab: Lab, { seed, seconds, weakening, say }: FuzzOptions): Promise<Fuzzed> {
  const siege = await besiege(lab, weakening)
  try {
    return await attack(siege, { seed, seconds, say })
  } finally {
    await siege.end()
  }
}

async function attack(siege: Siege, { seed, seconds, say }: FuzzOptions): Promise<Fuzzed> {
  const random = new Random(seed)
  const corpus = readCorpus()
  const begun = performance.now()
  const elapsed = () => (performance.now() - begun) / 1000
  const count = { requests: 0, answers: 0, rssBytes: 0 }
  let violations: Violation[] = []
  let found: Pick<Fuzzed, 'request' | 'foundAfterSeconds'> = {}
  const draw = (): Shot =>
    random.chance(0.3) ? mutate(random, corpus, siege.world.inodes) : makeShot(random, siege.world.inodes)
  for (let batch = 0; elapsed() < seconds && violations.length === 0; batch += 1) {
    await siege.become(IDENTITIES[batch % IDENTITIES.length] ?? 'careful')
    const ends = performance.now() + Math.min(BATCH_MS, (seconds - elapsed()) * 1000)
    const fired: Volley[] = []
    await Promise.all(
      Array.from({ length: SOCKETS }, async () => {
        const gun = new Gun(siege.gateway.port)
        while (performance.now() < ends && violations.length === 0 && !siege.isBreached) {
          const shots = [draw()]
          while (shots.at(-1)?.isBare === true && shots.length < 8 && random.chance(0.7)) {
            const next = draw()
            if (next.isWhole) shots.push(next)
          }
          const volley = await gun.fire(shots)
          fired.push(volley)
          count.requests += shots.length
          count.answers += volley.statuses.length
          const violation = siege.look(volley)
          if (violation !== undefined) violations = [...violations, violation]
        }
        gun.close()
      }),
    )
    await siege.settle()
    violations = [...violations, ...(await siege.takeViolations(true))]
    const { memory } = await siege.gateway.report()
    count.rssBytes = Math.max(count.rssBytes, memory.rss)
    const rate = Math.round(count.requests / elapsed())
    say(`${elapsed().toFixed(0)} s: ${count.requests} requests, ${rate} a second, ${siege.upstreamRequests} upstream`)
    const [first] = violations
    if (first !== undefined) {
      const foundAfterSeconds = elapsed()
      const request = await shrink(siege, first, fired)
      found = { foundAfterSeconds, ...(request === undefined ? {} : { request }) }
    }
  }
  const { counters } = await siege.gateway.report()
  const denied = new Map<string, number>()
  let allowed = 0
  for (const { effect, reason, count } of counters.operations) {
    if (effect === 'allow') allowed += count
    else denied.set(reason, (denied.get(reason) ?? 0) + count)
  }
  const { upstreamRequests } = siege
  return { ...count, upstreamRequests, allowed, denied, violations, seconds: elapsed(), ...found }
}

/** Fires suspects again, each alone where that is enough, until one request is left that shows the like. */
async function shrink(siege: Siege, { kind }: Violation, fired: readonly Volley[]): Promise<string | undefined> {
  const shows = async (texts: readonly string[]): Promise<boolean> => {
    const found: Violation[] = []
    for (const text of texts) {
      const gun = new Gun(siege.gateway.port)
      const violation = siege.look(await gun.fire([{ text, isWhole: false, isBare: false }]))
      if (violation !== undefined) found.push(violation)
    }
    await siege.settle()
    found.push(...(await siege.takeViolations(kind === 'tree')))
    return found.some((violation) => violation.kind === kind)
  }
  const suspects = kind === 'tree' ? fired : fired.slice(-SUSPECTS)
  const texts = suspects.flatMap(({ shots }) => shots.map(({ text }) => text))
  if (!(await shows(texts))) return undefined
  const [text] = await fewest(texts, shows)
  return text === undefined ? undefined : shortest(text, (shorter) => shows([shorter]), performance.now() + SHRINK_MS)
}
