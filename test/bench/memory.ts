/** What one sidecar costs in memory, as it is shipped: bundled, whole, with real credentials; at rest and under eight reads. Inside the lab. */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { bundle } from '../../deploy/image/bundle.ts'
import { SIDECAR_MEMORY } from '../../src/core/identity/sidecar-memory.ts'
import { writeSlice } from '../../src/core/policy/slice-line.ts'
import { type SidecarProcess, startSidecar } from '../e2e/credentials/sidecar-process.ts'
import { World } from '../e2e/credentials/world.ts'
import { SLICE } from '../sidecar/gateway/story.ts'
import { stream } from '../sidecar/policy/loopback-broker.ts'
import { ROOT } from '../suite.ts'

const STREAMS = 8
const FILE = '/data/market/flights-3m.parquet'
/** Long enough for what start-up left behind to be collected. */
const SETTLE_MS = 5000

export type MemoryFigures = {
  /** Private_Dirty: memory that is this process's alone, and not the shared text of Node. */
  readonly idleMiB: number
  /** The most that was seen while eight reads ran at once. */
  readonly streamsMiB: number
  readonly streams: number
}

export async function benchMemory(rounds = 3): Promise<MemoryFigures> {
  const world = new World()
  // Inside the checkout, so that it finds the packages.
  const bundled = join(ROOT, 'dist', `bench-${process.pid}`)
  await bundle(ROOT, bundled)
  const sidecar = await startSidecar(world, [process.execPath, join(bundled, 'src/kerbside.js')], {
    env: SIDECAR_MEMORY,
  })
  try {
    sidecar.broker.answer(stream(writeSlice(SLICE)))
    while ((await sidecar.ready()).status !== 200) await wait(100)
    await wait(SETTLE_MS)
    const idleMiB = privateDirtyMiB(sidecar)
    return { idleMiB, streamsMiB: await mostDuringReads(sidecar, rounds), streams: STREAMS }
  } finally {
    await sidecar.stop()
    world.remove()
    rmSync(bundled, { recursive: true })
  }
}

async function mostDuringReads(sidecar: SidecarProcess, rounds: number): Promise<number> {
  let mostMiB = 0
  const timer = setInterval(() => {
    mostMiB = Math.max(mostMiB, privateDirtyMiB(sidecar))
  }, 100)
  try {
    for (let round = 0; round < rounds; round++) await Promise.all(Array.from({ length: STREAMS }, () => read(sidecar)))
    return mostMiB
  } finally {
    clearInterval(timer)
  }
}

async function read({ gateway }: SidecarProcess): Promise<void> {
  const answer = await fetch(`${gateway}${FILE}?op=OPEN`)
  if (answer.status !== 200 || answer.body === null) throw new Error(await answer.text())
  for await (const chunk of answer.body) void chunk
}

function privateDirtyMiB({ pid }: SidecarProcess): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/Private_Dirty:\s+(\d+) kB/.exec(rollup)?.[1]) / 1024
}
