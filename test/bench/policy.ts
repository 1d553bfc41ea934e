/** The part of the bench that needs no lab: decisions beside other engines, what slices cost, and the desk. */
import { join } from 'node:path'
import type { PeerFigures } from '../peers/workload.ts'
import { ROOT } from '../suite.ts'
import { measureApart } from './apart.ts'
import { benchDesk } from './desk.ts'
import { benchEngines, SIZES } from './engines.ts'
import { header, ratio, say, sayGoal } from './row.ts'
import type { CompileFigures, MemoryFigures } from './slices.ts'

const MOST = 10_000

export async function benchPolicy(): Promise<void> {
  await benchEngines()
  header('one identity that has every dataset')
  await sayOneSlice('decision', 'this')
  await sayOneSlice('decision on a subtree', 'subtree')
  await saySlices()
  header(`the desk, on ${MOST.toLocaleString('en-US')} datasets and 20,000 grants`)
  await benchDesk()
}

/** The cost must not grow with the number of datasets. */
async function sayOneSlice(what: string, scope: 'this' | 'subtree'): Promise<void> {
  const argument = { sizes: [SIZES[0], MOST], scope }
  const [few, many] = await measureApart<readonly PeerFigures[]>(fileOf('decide.ts'), 'benchOneSlice', argument)
  if (few === undefined || many === undefined) throw new Error('nothing was decided')
  say({
    what: `${what}, 10,000 datasets (beside: 10), goal ≤ 1.2×`,
    ours: `${many.nanoseconds.toFixed(0)} ns`,
    beside: `${few.nanoseconds.toFixed(0)} ns`,
    ratio: ratio(many.nanoseconds, few.nanoseconds),
  })
}

async function saySlices(): Promise<void> {
  for (const perGrant of [100, 1]) {
    const argument = { datasets: MOST, perGrant }
    const { perPrefix } = await measureApart<MemoryFigures>(fileOf('slices.ts'), 'benchSliceMemory', argument)
    const each = perGrant === 1 ? 'a grant each' : `a grant for each ${perGrant}`
    sayGoal(`memory a prefix, beyond strings; 10,000, ${each}`, perPrefix, 64, 'bytes')
  }
  const line = await measureApart<string>(fileOf('slices.ts'), 'lineOf', { datasets: 200, perGrant: 1 })
  sayGoal('slice of 200 datasets, as it is sent', Buffer.byteLength(line) / 1024, 1024, 'KiB')
  const compiled = await measureApart<CompileFigures>(fileOf('slices.ts'), 'benchCompile', null)
  sayGoal('compile one identity of 10,000 datasets, 20,000 grants', compiled.oneMs, 1000, 'ms', 1)
  sayGoal(`compile all its ${compiled.identities} identities`, compiled.allMs, 1000, 'ms')
}

const fileOf = (name: string): string => join(ROOT, 'test/bench', name)
