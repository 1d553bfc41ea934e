/** Policy engines side by side on one workload, in one run, each in a process of its own: ours, then its peers. */
import { join } from 'node:path'
import type { PeerFigures } from '../peers/workload.ts'
import { ROOT } from '../suite.ts'
import { measureApart } from './apart.ts'
import { print } from './row.ts'

export const SIZES = [10, 1000, 10_000] as const

type Engine = {
  readonly name: string
  /** Below `test`. */
  readonly module: string
  readonly export: string
  /** How many times our time it is to need with the most datasets. */
  readonly goal: number
}

const OURS: Engine = { name: 'Kerbside', module: 'bench/decide.ts', export: 'benchKerbside', goal: 1 }
const PEERS: readonly Engine[] = [
  { name: 'Ranger, JVM library', module: 'peers/ranger/bench.ts', export: 'benchRanger', goal: 10 },
  { name: 'OPA, Go library', module: 'peers/opa/bench.ts', export: 'benchOpa', goal: 100 },
  { name: 'Cedar, WebAssembly', module: 'peers/cedar/bench.ts', export: 'benchCedar', goal: 100 },
  { name: 'casbin, Node library', module: 'peers/casbin/bench.ts', export: 'benchCasbin', goal: 100 },
]
const WIDTHS = [20, 24, 24, 24, 13, 24] as const

export async function benchEngines(): Promise<void> {
  const sizes = SIZES.map((size) => `${size.toLocaleString('en-US')} datasets`)
  console.log('\none decision, ns: the median batch, and the best')
  print(['engine', ...sizes, 'goal', 'ratio of medians to ours'], WIDTHS)
  const ours = await measure(OURS)
  print([OURS.name, ...ours.map(written), '≤ 500 ns', ours.map(() => '1×').join(' / ')], WIDTHS)
  for (const peer of PEERS) {
    const theirs = await measure(peer)
    const ratios = theirs.map(({ nanoseconds }, at) => rounded(nanoseconds / (ours[at]?.nanoseconds ?? Number.NaN)))
    print([peer.name, ...theirs.map(written), `≥ ${peer.goal}× ours`, ratios.join(' / ')], WIDTHS)
  }
}

function measure({ module, export: name }: Engine): Promise<readonly PeerFigures[]> {
  return measureApart(join(ROOT, 'test', module), name, SIZES)
}

const whole = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 })
const written = ({ nanoseconds, bestNanoseconds }: PeerFigures): string =>
  `${whole(nanoseconds)} (${whole(bestNanoseconds)})`

/** Two digits are as much as a run can tell. */
const rounded = (value: number): string =>
  `${value < 10 ? value.toFixed(1) : Number(value.toPrecision(2)).toLocaleString('en-US')}×`
