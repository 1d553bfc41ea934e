/** What a NameNode named in step one, kept for step two: the client comes with the same question a moment later. */
import { type HdfsRequest, sentQuery } from '../../src/core/hdfs/request.ts'
import { encodePath } from '../../src/core/hdfs/target.ts'
import type { Limits } from './limits.ts'
import type { Said } from './name-nodes.ts'

type Kept = { readonly said: Said; readonly until: number }

/** Each answer serves once: whoever asks again is told what HDFS says then. Whether it may be used, policy decides anew. */
export class Named {
  readonly #limits: Limits
  /** By the question, oldest first. */
  readonly #kept = new Map<string, Kept>()

  constructor(limits: Limits) {
    this.#limits = limits
  }

  keep(request: HdfsRequest, said: Said): void {
    const question = questionOf(request)
    this.#kept.delete(question)
    this.#kept.set(question, { said, until: performance.now() + this.#limits.namedMs })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > this.#limits.named && oldest !== undefined) this.#kept.delete(oldest)
  }

  take(request: HdfsRequest): Said | undefined {
    const question = questionOf(request)
    const kept = this.#kept.get(question)
    this.#kept.delete(question)
    return kept !== undefined && performance.now() < kept.until ? kept.said : undefined
  }
}

/** Java asks without an offset, and comes back with `offset=0`. */
function questionOf(request: HdfsRequest): string {
  const query = sentQuery(request).filter(([name, value]) => !(name === 'offset' && value === '0'))
  return JSON.stringify([encodePath(request.target), query])
}
