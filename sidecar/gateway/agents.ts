/** Connections to HDFS: TLS with the cluster's own CA and nothing else, kept for NameNodes, fresh for all that must not be sent twice. */
import { Agent } from 'node:https'
import type { ClusterTrust } from '../ports.ts'

export class Agents {
  readonly #trust: () => ClusterTrust
  #made: { readonly caPem: string; readonly kept: Agent; readonly fresh: Agent } | undefined

  constructor(trust: () => ClusterTrust) {
    this.#trust = trust
  }

  /** Keeps connections alive. A server may close one just as we write to it, so only repeatable operations go here. */
  get kept(): Agent {
    return this.#current().kept
  }

  /** A connection for each request: DataNodes close theirs anyway, and what is sent here is sent once. */
  get fresh(): Agent {
    return this.#current().fresh
  }

  close(): void {
    this.#made?.kept.destroy()
    this.#made?.fresh.destroy()
  }

  /** The CA may be replaced while we run; connections that rest on the old one are not used again. */
  #current() {
    const { caPem } = this.#trust()
    if (this.#made?.caPem === caPem) return this.#made
    this.#made?.kept.destroy()
    const tls = { ca: caPem, minVersion: 'TLSv1.2', rejectUnauthorized: true } as const
    const kept = new Agent({ ...tls, keepAlive: true, maxSockets: 64, maxFreeSockets: 4 })
    this.#made = { caPem, kept, fresh: new Agent({ ...tls, keepAlive: false }) }
    return this.#made
  }
}
