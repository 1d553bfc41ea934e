/** A gateway whose delegation token is real and may be lost, before whatever a test takes for the cluster. Inside the lab only. */
import { type Gateway, startGateway } from '../../../sidecar/gateway/gateway.ts'
import type { DelegationTokens } from '../../../sidecar/ports.ts'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { AuditInMemory, ChangingSlice, WHO } from '../../sidecar/gateway/story.ts'
import { World } from '../credentials/world.ts'

/** As the sidecar's keeper does it, without its renewals. */
export class LostTokens implements DelegationTokens {
  readonly #world: World
  readonly #nameNodes: readonly string[]
  #token: string | undefined
  #replacing: Promise<string> | undefined
  /** How often one was got in the place of another. */
  replaced = 0

  constructor(world: World, nameNodes: readonly string[]) {
    this.#world = world
    this.#nameNodes = nameNodes
  }

  async current(): Promise<string> {
    this.#token ??= await this.#get()
    return this.#token
  }

  replace(refused: string): Promise<string> {
    if (refused !== this.#token) return this.current()
    this.#replacing ??= this.#get().then((token) => {
      this.replaced += 1
      this.#token = token
      this.#replacing = undefined
      return token
    })
    return this.#replacing
  }

  /** HDFS drops it, and nobody tells the gateway. */
  async lose(): Promise<void> {
    const token = await this.current()
    await this.#world.negotiate({ do: 'cancel', token }, { nameNodes: this.#nameNodes })
  }

  async #get(): Promise<string> {
    return (await this.#world.negotiate({ do: 'get' }, { nameNodes: this.#nameNodes })).token
  }
}

export type Reached = {
  readonly world: World
  readonly tokens: LostTokens
  readonly gateway: Gateway
  readonly audit: AuditInMemory
  /** One operation as a client does it, in two steps where the first one says so; `between` happens before the second. */
  send(method: string, pathAndQuery: string, more?: Sent): Promise<{ status: number; text: string }>
  stop(): Promise<void>
}

export type Sent = { readonly body?: string; readonly headers?: Record<string, string>; between?(): Promise<void> }

export async function reach(slice: Slice): Promise<Reached> {
  const world = new World()
  await world.acquire({ cluster: slice.cluster })
  const tokens = new LostTokens(world, slice.cluster.nameNodes)
  const audit = new AuditInMemory()
  const gateway = await startGateway({
    port: 0,
    slice: new ChangingSlice(slice),
    tokens,
    audit,
    trust: () => ({ caPem: world.caPem }),
    who: () => WHO,
    clock: Date.now,
    log: { warn() {} },
    limits: { closeMs: 1000, failoverMs: 60_000 },
  })
  const base = `http://127.0.0.1:${gateway.port}/webhdfs/v1`
  return {
    world,
    tokens,
    gateway,
    audit,
    async send(method, pathAndQuery, { body, headers = {}, between } = {}) {
      const first = await fetch(`${base}${pathAndQuery}`, { method, headers, redirect: 'manual' })
      const location = first.headers.get('location')
      await between?.()
      const second = { method, headers, ...(body === undefined ? {} : { body }) }
      const last = location === null ? first : await fetch(location, second)
      return { status: last.status, text: await last.text() }
    },
    async stop() {
      await gateway.close()
      await tokens.lose().catch(() => {}) // A test may have lost it already.
      world.remove()
    },
  }
}
