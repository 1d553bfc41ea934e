/** Faults of the machine: no room on the memory volume, and programs that die while they work. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { nextProcess } from './processes.ts'
import type { Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'

/** A file on the memory volume, which only the sidecar's own mount namespace shows. */
const filler = ({ world, sidecar }: Stage) => join(`/proc/${sidecar.pid}/root`, world.runDirectory, 'filler')
const PAGE = Buffer.alloc(4096)

function fill(stage: Stage): void {
  const file = openSync(filler(stage), 'w')
  try {
    for (;;) writeSync(file, PAGE)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOSPC') throw thrown
  } finally {
    closeSync(file)
  }
}

/** A program dies while it works, which a KDC that says nothing makes it do for seconds. */
const dies = (program: string): Scenario => ({
  stage: { ownKdc: true },
  async breaks(stage) {
    stage.kdc.freeze()
    await nextProcess(stage, 'kinit')
    process.kill((await nextProcess(stage, program)).pid, 'SIGSEGV')
  },
  mends: async (stage) => stage.kdc.thaw(),
})

export const HOST_FAULTS = {
  'volume-full': {
    stage: { volumeKiB: 512 },
    breaks: async (stage) => fill(stage),
    mends: async (stage) => rmSync(filler(stage)),
  },
  'kinit-killed': dies('kinit'),
  'acquire-killed': dies('acquire.js'),
} as const satisfies Record<string, Scenario>
