/**
 * Connections to HDFS: TLS with the cluster's own CA and nothing else, or none where policy says so. Kept for NameNodes, fresh
 * for all that must not be sent twice.
 */
import { Agent as TlsAgent } from 'node:https'
import { createSecureContext } from 'node:tls'
import type { Protocol } from '../../src/core/hdfs/redirect.ts'
import { Agent as PlainAgent } from '../../src/io/node-http.ts'
import type { ClusterTrust } from '../ports.ts'

const KEPT = { keepAlive: true, maxSockets: 64, maxFreeSockets: 4 } as const
const FRESH = { keepAlive: false } as const

type Made = { readonly caPem: string; readonly kept: TlsAgent; readonly fresh: TlsAgent }

export class Agents {
  readonly #trust: () => ClusterTrust
  #made: Made | undefined
  #plain: { readonly kept: PlainAgent; readonly fresh: PlainAgent } | undefined

  constructor(trust: () => ClusterTrust) {
    this.#trust = trust
  }

  /**
   * Keeps connections alive, some for each NameNode. A server may close one just as we write to it, so only repeatable
   * operations go here.
   */
  kept(protocol: Protocol): PlainAgent {
    return this.#of(protocol).kept
  }

  /**
   * A connection for each request: DataNodes close theirs anyway, and what is sent here is sent once. The TLS session of the
   * connection before is resumed, where the server does so too.
   */
  fresh(protocol: Protocol): PlainAgent {
    return this.#of(protocol).fresh
  }

  close(): void {
    for (const made of [this.#made, this.#plain]) {
      made?.kept.destroy()
      made?.fresh.destroy()
    }
  }

  #of(protocol: Protocol) {
    if (protocol === 'https:') return this.#current()
    this.#plain ??= { kept: new PlainAgent(KEPT), fresh: new PlainAgent(FRESH) }
    return this.#plain
  }

  /** The CA may be replaced while we run; connections that rest on the old one are not used again. */
  #current(): Made {
    const { caPem } = this.#trust()
    if (this.#made?.caPem === caPem) return this.#made
    this.#made?.kept.destroy()
    // Made once: from `ca` alone, Node would read the certificates anew for each connection.
    const secureContext = createSecureContext({ ca: caPem, minVersion: 'TLSv1.2' })
    const tls = { secureContext, rejectUnauthorized: true } as const
    this.#made = { caPem, kept: new TlsAgent({ ...tls, ...KEPT }), fresh: new TlsAgent({ ...tls, ...FRESH }) }
    return this.#made
  }
}
