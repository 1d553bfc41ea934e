/** What HDFS takes for a file whose client does not say: asked of the NameNode, and believed for a while. */
import type { WriteDefaults } from '../../src/core/hdfs/limit-refusal.ts'
import { ROOT } from '../../src/core/hdfs/path.ts'
import type { Limits } from './limits.ts'
import type { NameNodes } from './name-nodes.ts'

export class ServerDefaults {
  readonly #nameNodes: NameNodes
  readonly #limits: Limits
  #known: { readonly defaults: WriteDefaults; readonly until: number } | undefined

  constructor(nameNodes: NameNodes, limits: Limits) {
    this.#nameNodes = nameNodes
    this.#limits = limits
  }

  /**
   * `{"FsServerDefaults":{"blockSize":134217728,"replication":3,…}}`, since Hadoop 3.1. Nothing of it where HDFS does not know the
   * operation.
   * @throws KerbsideError as `NameNodes.ask`
   */
  async current(): Promise<WriteDefaults> {
    if (this.#known !== undefined && performance.now() < this.#known.until) return this.#known.defaults
    const query = [['op', 'GETSERVERDEFAULTS'] as const]
    const { status, body } = await this.#nameNodes.ask({
      method: 'GET',
      target: { path: ROOT },
      query,
      repeatable: true,
    })
    const defaults = status === 200 ? readDefaults(body) : {}
    this.#known = { defaults, until: performance.now() + this.#limits.defaultsMs }
    return defaults
  }
}

function readDefaults(body: string): WriteDefaults {
  try {
    const { FsServerDefaults: said } = JSON.parse(body) as { FsServerDefaults?: Record<string, unknown> }
    const [replication, blockBytes] = [said?.['replication'], said?.['blockSize']]
    return {
      ...(isCount(replication) ? { replication } : {}),
      ...(isCount(blockBytes) ? { blockBytes } : {}),
    }
  } catch {
    return {}
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0
