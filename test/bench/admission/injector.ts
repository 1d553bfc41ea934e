/** What may inject into pods while they are created, and what is asked of its process. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'

export type Injector = {
  /** What stands in each pod that it injected. */
  readonly sign: string | undefined
  /** Starts one process, with no connection and no compiled code. Resolves when it is ready. */
  start(): Promise<Running>
  remove(): Promise<void>
}

export type Running = {
  readonly readyMs: number
  /** Most of it that was in memory at once since it started. */
  peakMiB(): number
  stop(): Promise<void>
}

/** Of ours. */
export const SIGN = '"name":"kerbside-token"'

export const nothing: Injector = {
  sign: undefined,
  start: async () => ({ readyMs: 0, peakMiB: () => 0, stop: async () => {} }),
  remove: async () => {},
}

const PROBE_EVERY_MS = 20

/** Resolves when its server answers 200 at that address; nobody looks at the certificate, as the kubelet does not. */
export async function startProcess(
  [program, ...args]: readonly [string, ...string[]],
  { readyUrl, env }: { readonly readyUrl: string; readonly env: NonNullable<SpawnOptions['env']> },
): Promise<Running> {
  const from = performance.now()
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  while (!(await answers(readyUrl))) {
    if (child.exitCode !== null) throw new Error(`\`${program}\` ended with ${child.exitCode}`)
    await wait(PROBE_EVERY_MS)
  }
  return { readyMs: performance.now() - from, peakMiB: () => peakMiB(child.pid), stop: () => ended(child) }
}

const answers = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    request(url, { rejectUnauthorized: false, agent: false }, (answer) => {
      answer.resume()
      resolve((answer.statusCode ?? 500) < 300)
    })
      .on('error', () => resolve(false))
      .end()
  })

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const end = once(child, 'exit')
  child.kill('SIGINT')
  await end
}

/** proc(5), `VmHWM`. */
function peakMiB(pid: number | undefined): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) / 1024
}
