/** One start of a sidecar, timed at the lines of its log; and the floor below it, which is what MIT's own programs take. Inside the lab. */
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { SIDECAR_MEMORY } from '../../../src/core/identity/sidecar-memory.ts'
import { writeSlice } from '../../../src/core/policy/slice-line.ts'
import { startSidecar } from '../../e2e/credentials/sidecar-process.ts'
import type { World } from '../../e2e/credentials/world.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { stream } from '../../sidecar/policy/loopback-broker.ts'

const run = promisify(execFile)

/** Milliseconds from the start of the process until each is there. */
export type Start = { readonly ticket: number; readonly ready: number }

const LOOK_EVERY_MS = 2
const GIVE_UP_MS = 60_000
const [TICKET, TOKEN] = ['"ticket acquired"', '"delegation token received"']

/** @param program what starts `kerbside`: Node, its flags, and the file */
export async function timeStart(world: World, program: readonly string[]): Promise<Start> {
  const sidecar = await startSidecar(world, program, { env: SIDECAR_MEMORY })
  const begun = performance.now()
  try {
    sidecar.broker.answer(stream(writeSlice(SLICE)))
    let ticket: number | undefined
    for (;;) {
      const elapsed = performance.now() - begun
      const log = sidecar.log()
      if (ticket === undefined && log.includes(TICKET)) ticket = elapsed
      if (ticket !== undefined && log.includes(TOKEN)) {
        const { status, body } = await sidecar.ready()
        if (status !== 200) throw new Error(body)
        return { ticket, ready: elapsed }
      }
      if (elapsed > GIVE_UP_MS) throw new Error(`it is not ready: ${log}`)
      await wait(LOOK_EVERY_MS)
    }
  } finally {
    await sidecar.stop()
  }
}

/** One exchange for a ticket and one for a service ticket, as `kinit` and `kvno` make them. */
export async function timeFloor({ folder, lab }: World): Promise<number> {
  const cache = join(folder, 'floor')
  const env = { ...process.env, KRB5CCNAME: `FILE:${cache}` }
  const begun = performance.now()
  await run('kinit', ['-k', '-t', lab.files.keytab('quant'), 'quant'], { env })
  await run('kvno', ['-q', '-S', 'HTTP', 'nn1.lab'], { env })
  const elapsed = performance.now() - begun
  rmSync(cache)
  return elapsed
}
