/** What is measured of each way to HDFS, once: each measurement gives one figure and what it cost. */
import { clientSeconds, cpuSeconds } from './cost.ts'
import { curl, type Load } from './curl.ts'
import { WAY_NAMES, type Way, type WayName } from './ways.ts'

export type Bench = {
  readonly authority: string
  readonly ways: readonly Way[]
  readonly say: (text: string) => void
}

/** Of one way, in one round. */
export type Measured = {
  readonly figure: number
  /** 10⁹ bytes that went through. */
  readonly gigabytes: number
  /** Processor time of the proxy, and of the client, with all their threads. */
  readonly proxySeconds: number
  readonly clientSeconds: number
}

export type Figures = ReadonlyMap<WayName, Measured>

type Work = Pick<Load, 'paths' | 'parallel' | 'upload'>
export type Question = {
  readonly what: string
  /** Of HttpFS and Knox, less may be asked, where they take minutes. */
  readonly work: (way: WayName) => Work
  readonly figure: 'MB/s' | 'files/s' | 'ms p50'
  readonly rounds: number
}

/** Rounds go through all ways in turn, so that what else the machine does meets each alike; the median of each way counts. */
export async function measure(bench: Bench, question: Question): Promise<Figures> {
  const rounds = new Map<WayName, Measured[]>(WAY_NAMES.map((name) => [name, []]))
  for (let round = 1; round <= question.rounds; round++) {
    for (const way of bench.ways) rounds.get(way.name)?.push(await once(bench, question, way))
    const last = bench.ways.map(({ name }) => `${name} ${rounds.get(name)?.at(-1)?.figure.toPrecision(3)}`)
    bench.say(`${question.what}, round ${round} of ${question.rounds}: ${last.join(', ')} ${question.figure}`)
  }
  return new Map(bench.ways.map(({ name }) => [name, medianOf(rounds.get(name) ?? [])]))
}

async function once({ authority }: Bench, { work, figure }: Question, way: Way): Promise<Measured> {
  const spent = () => (way.pid === undefined ? 0 : cpuSeconds(way.pid))
  const before = { proxy: spent(), client: clientSeconds(), at: performance.now() }
  const timed = await curl(authority, { way, ...work(way.name) })
  const seconds = (performance.now() - before.at) / 1000
  const gigabytes = timed.reduce((sum, { bytes }) => sum + bytes, 0) / 1e9
  const figures = {
    'MB/s': () => (gigabytes * 1000) / seconds,
    'files/s': () => timed.length / seconds,
    'ms p50': () => median(timed.map((one) => one.seconds)) * 1000,
  }
  return {
    figure: figures[figure](),
    gigabytes,
    proxySeconds: spent() - before.proxy,
    clientSeconds: clientSeconds() - before.client,
  }
}

const sorted = (values: readonly number[]): number[] => [...values].sort((one, other) => one - other)
const median = (values: readonly number[]): number => sorted(values)[Math.floor(values.length / 2)] ?? Number.NaN

/** Each of its figures is the median of that figure. */
function medianOf(all: readonly Measured[]): Measured {
  const of = (name: keyof Measured) => median(all.map((one) => one[name]))
  return {
    figure: of('figure'),
    gigabytes: of('gigabytes'),
    proxySeconds: of('proxySeconds'),
    clientSeconds: of('clientSeconds'),
  }
}
