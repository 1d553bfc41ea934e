/** Starts the gateway's process, and speaks to it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { SIDECAR_MEMORY } from '../../src/core/identity/sidecar-memory.ts'
import type { Slice } from '../../src/core/policy/slice.ts'
import type { FromGateway, ToGateway } from './gateway-process.ts'

export type GatewayApart = {
  readonly port: number
  setSlice(slice: Slice): Promise<void>
  report(): Promise<Extract<FromGateway, { said: 'report' }>>
  stop(): Promise<void>
}

export type StartOptions = {
  readonly slice: Slice
  readonly delegationToken: string
  readonly caPem: string
  /** A name out of `weakenings.ts`. */
  readonly weakening?: string | undefined
}

export async function startGatewayApart({ weakening, ...start }: StartOptions): Promise<GatewayApart> {
  const hook = weakening === undefined ? [] : ['--import', join(import.meta.dirname, 'weaken.ts')]
  const env = { ...process.env, ...SIDECAR_MEMORY, ...(weakening === undefined ? {} : { FUZZ_WEAKENING: weakening }) }
  const child = fork(join(import.meta.dirname, 'gateway-process.ts'), { execArgv: hook, env })
  const ask = async <S extends FromGateway['said']>(message: ToGateway, said: S) => {
    child.send(message)
    for (;;) {
      const [answer] = (await Promise.race([once(child, 'message'), died])) as [FromGateway]
      if (answer.said === said) return answer as Extract<FromGateway, { said: S }>
    }
  }
  const died = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the gateway ended with ${code}`)))
  died.catch(() => {})
  const { port } = await ask({ say: 'start', ...start }, 'started')
  return {
    port,
    setSlice: async (slice) => void (await ask({ say: 'slice', slice }, 'slice')),
    report: () => ask({ say: 'report' }, 'report'),
    async stop() {
      const ended = once(child, 'exit')
      child.send({ say: 'stop' } satisfies ToGateway)
      await ended
    },
  }
}
