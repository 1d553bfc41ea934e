/** A gateway in a process of its own, so that what it holds is told from what a test holds. Inside the lab only. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Limits } from '../../../sidecar/gateway/limits.ts'
import { SIDECAR_MEMORY } from '../../../src/core/identity/sidecar-memory.ts'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { privateDirtyMiB } from '../../bench/gateway/cost.ts'
import type { Said, Told } from './apart-process.ts'

/** What a sidecar may hold at the very most. */
export const MOST_MIB = 150

export type Apart = {
  /** `http://127.0.0.1:PORT/webhdfs/v1`. */
  readonly base: string
  /** The most memory of its own that it was seen with so far. */
  mostMiB(): number
  /** As `AuditInMemory.lines`. */
  auditLines(): Promise<readonly string[]>
  stop(): Promise<void>
}

export async function startApart(slice: Slice, limits: Partial<Limits> = {}): Promise<Apart> {
  const env = { ...process.env, ...SIDECAR_MEMORY }
  const child = fork(join(import.meta.dirname, 'apart-process.ts'), { env })
  child.send({ slice, limits } satisfies Told)
  const said = await saidBy(child)
  if (!('port' in said)) throw new Error('the gateway does not say where it listens')
  let mostMiB = 0
  const timer = setInterval(() => {
    mostMiB = Math.max(mostMiB, privateDirtyMiB(child.pid ?? 0))
  }, 100)
  return {
    base: `http://127.0.0.1:${said.port}/webhdfs/v1`,
    mostMiB: () => mostMiB,
    async auditLines() {
      child.send('lines')
      const answer = await saidBy(child)
      return 'lines' in answer ? answer.lines : []
    },
    async stop() {
      clearInterval(timer)
      const ended = once(child, 'exit')
      child.disconnect()
      const [code] = await ended
      if (code !== 0) throw new Error(`the gateway ended with ${code}`)
    },
  }
}

async function saidBy(child: ChildProcess): Promise<Said> {
  const [said] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the gateway ended with ${code}`))),
  ])
  return said as Said
}
