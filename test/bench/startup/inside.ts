/** Starts and floors by turns, on the sidecar as it is shipped: bundled. Inside the lab. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from '../../../deploy/image/bundle.ts'
import { World } from '../../e2e/credentials/world.ts'
import { ROOT } from '../../suite.ts'
import { header, ratio, say, sayGoal } from '../row.ts'
import { type Start, timeFloor, timeStart } from './measure.ts'

const ROUNDS = 15
/** What a start may take beyond the floor. */
const GOAL_MS = 300

const world = new World()
// Inside the checkout, so that it finds the packages.
const bundled = join(ROOT, 'dist', `bench-${process.pid}`)
try {
  await bundle(ROOT, bundled)
  const program = [process.execPath, join(bundled, 'src/kerbside.js')]
  const [starts, floors] = [[] as Start[], [] as number[]]
  for (let round = 0; round < ROUNDS; round++) {
    floors.push(await timeFloor(world))
    starts.push(await timeStart(world, program))
  }
  const floor = median(floors)
  const ready = median(starts.map((start) => start.ready))
  const beyond = median(starts.map((start, round) => start.ready - (floors[round] ?? floor)))
  header(`a sidecar starts (median of ${ROUNDS})`)
  const beside = (ms: number) => ({ beside: `${floor.toFixed(0)} ms kinit + kvno`, ratio: ratio(ms, floor) })
  const ticket = median(starts.map((start) => start.ticket))
  say({ what: 'until its ticket, for all NameNodes', ours: `${ticket.toFixed(0)} ms`, ...beside(ticket) })
  say({ what: 'until it is ready, with a delegation token', ours: `${ready.toFixed(0)} ms`, ...beside(ready) })
  sayGoal('of that, beyond kinit + kvno of its round', beyond, GOAL_MS, 'ms')
} finally {
  world.remove()
  rmSync(bundled, { recursive: true, force: true })
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
