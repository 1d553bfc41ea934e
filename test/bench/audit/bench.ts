/** `npm run bench -- audit [SECONDS]`: a broker that takes in twenty thousand records a second, and what a record costs an operation. */
import { join } from 'node:path'
import { measureApart } from '../apart.ts'
import { header, ratio, say, sayGoal } from '../row.ts'
import type { Load } from './chains.ts'
import type { Taken } from './intake.ts'
import type { Cost, Wanted } from './log-cost.ts'

/** Two hundred sidecars that each write a hundred records a second. */
const SIDECARS = 200
const PER_BATCH = 100
const RATE = SIDECARS * PER_BATCH
const GOAL_ACK_MS = 250
const GOAL_OPERATION_US = 20
/** From a third of the time on, when what is kept is there. */
const GOAL_GROWTH = 1.25

export async function benchAudit(seconds = 60): Promise<number> {
  header(`a broker takes ${count(RATE)} records a second for ${seconds} s from ${SIDECARS} sidecars`)
  const load: Load = { sidecars: SIDECARS, batches: seconds, perBatch: PER_BATCH }
  const taken = await measureApart<Taken>(join(import.meta.dirname, 'intake.ts'), 'measureIntake', load)
  const { ackMs, residentMiB, records, refused, onDisk, cpuUs, verified, plain } = taken
  const rate = records / taken.seconds
  say({
    what: 'records a second, acknowledged',
    ours: count(rate),
    beside: `${count(plain.recordsPerSecond)} only appended`,
    ratio: ratio(rate, plain.recordsPerSecond),
  })
  const sent = `${count(records)} sent, ${count(refused)} batches not at once`
  say({ what: 'records on disk', ours: count(onDisk), beside: sent, ratio: ratio(onDisk, records) })
  say({
    what: 'audit verify over all of it, with checkpoints',
    ours: `${verified.seconds.toFixed(1)} s`,
    beside: verified.says,
    ratio: verified.isWhole ? 'whole' : 'BROKEN',
  })
  sayGoal('acknowledged, p50', share(ackMs, 0.5), GOAL_ACK_MS, 'ms')
  sayGoal('acknowledged, p99', share(ackMs, 0.99), GOAL_ACK_MS, 'ms')
  const settled = residentMiB.slice(Math.ceil(residentMiB.length / 3))
  const growth = mean(settled.slice(-5)) / mean(settled.slice(0, 5))
  sayGoal('memory of the broker at the end, by that after a third of the time', growth, GOAL_GROWTH, '×', 2)
  say({
    what: 'processor for each record',
    ours: `${cpuUs.toFixed(1)} µs`,
    beside: `${plain.cpuUs.toFixed(1)} µs only appended`,
    ratio: ratio(cpuUs, plain.cpuUs),
  })

  header('the log of a sidecar, for each operation: a record before, a record after')
  const wanted: Wanted = { operations: 20_000, together: 50, alone: 500 }
  const cost = await measureApart<Cost>(join(import.meta.dirname, 'log-cost.ts'), 'measureCost', wanted)
  say({
    what: 'processor, fifty at once',
    ours: `${cost.cpuUs.toFixed(1)} µs`,
    beside: `${cost.plainCpuUs.toFixed(1)} µs only appended`,
    ratio: ratio(cost.cpuUs, cost.plainCpuUs),
  })
  sayGoal('added by it to what the disk takes', cost.cpuUs - cost.plainCpuUs, GOAL_OPERATION_US, 'µs', 1)
  say({
    what: 'until a start is on disk, alone, p50',
    ours: `${cost.startUs.toFixed(0)} µs`,
    beside: `${cost.plainStartUs.toFixed(0)} µs only appended`,
    ratio: ratio(cost.startUs, cost.plainStartUs),
  })
  return onDisk === records && verified.isWhole ? 0 : 1
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US')
const share = (rising: readonly number[], part: number): number =>
  rising[Math.min(rising.length - 1, Math.floor(rising.length * part))] ?? Number.NaN
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
