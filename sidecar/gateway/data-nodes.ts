/** The second leg of OPEN, CREATE and APPEND: which DataNode the NameNode names, and a connection to it. */
import { lookup } from 'node:dns/promises'
import type { ClientRequest } from 'node:http'
import { KerbsideError } from '../../src/core/errors.ts'
import { writeQuery } from '../../src/core/hdfs/query.ts'
import { checkRedirect, type DataNode } from '../../src/core/hdfs/redirect.ts'
import { type HdfsRequest, PREFIX, sentQuery } from '../../src/core/hdfs/request.ts'
import { encodePath } from '../../src/core/hdfs/target.ts'
import type { Agents } from './agents.ts'
import { begin, connected, NoConnectionYet } from './exchange.ts'
import type { Limits } from './limits.ts'
import type { NameNodes, Said } from './name-nodes.ts'
import { Named } from './named.ts'

/** A connection that stands, to a DataNode that may be told the delegation token. */
export type Leg = {
  /** Not ended, and nothing of a body written yet. */
  readonly sent: ClientRequest
  readonly delegationToken: string
  /** By which the NameNode can be told to name another one. */
  addresses(): Promise<readonly string[]>
}

export type Connecting = {
  readonly headers?: Record<string, string>
  /** Addresses of DataNodes that are not to be named. */
  readonly avoided?: readonly string[]
}

/** The NameNode did not name a DataNode, but said why. */
export type NotNamed = { readonly said: Said }

/** How long each connection may take to stand, and how many DataNodes are tried. */
type Effort = { readonly withinMs: number; readonly most: number }

/** No DataNode connected; `wasSlow` when one of them did not refuse, but did not answer either. */
type InVain = { readonly error: KerbsideError; readonly wasSlow: boolean }

export class DataNodes {
  readonly #nameNodes: NameNodes
  readonly #hosts: () => readonly string[]
  readonly #agents: Agents
  readonly #limits: Limits
  readonly #kept: Named

  constructor(nameNodes: NameNodes, hosts: () => readonly string[], agents: Agents, limits: Limits) {
    this.#nameNodes = nameNodes
    this.#hosts = hosts
    this.#agents = agents
    this.#limits = limits
    this.#kept = new Named(limits)
  }

  /**
   * Step one. What the NameNode names is kept for step two; not where a body follows, which could not be sent again if the
   * delegation token was dropped in between: only the NameNode says so before any byte is spent.
   * @returns what it says instead of naming one
   * @throws KerbsideError as `NameNodes.ask`
   */
  async lookUp(request: HdfsRequest): Promise<Said | undefined> {
    const said = await this.#named(request, [])
    if (said.exception !== undefined) return said
    if (request.operation.method === 'GET') this.#kept.keep(request, said)
    return undefined
  }

  /**
   * The NameNode goes on naming a DataNode that just died until it has missed heartbeats for minutes, so one that does
   * not connect is excluded and another asked for. Where none is left, one that was only slow is waited for.
   * @throws KerbsideError `datanode-unreachable`, `hdfs-broken-answer` for a redirect that must not be followed, or as `NameNodes.ask`
   */
  async connect(request: HdfsRequest, connecting: Connecting = {}): Promise<Leg | NotNamed> {
    const { connectMs, patientConnectMs, dataNodes } = this.#limits
    const hurried = await this.#tried(request, connecting, { withinMs: connectMs, most: dataNodes })
    if (!('error' in hurried)) return hurried
    if (!hurried.wasSlow) throw hurried.error
    const patient = await this.#tried(request, connecting, { withinMs: patientConnectMs, most: 1 })
    if ('error' in patient) throw patient.error
    return patient
  }

  async #tried(
    request: HdfsRequest,
    { headers = {}, avoided = [] }: Connecting,
    { withinMs, most }: Effort,
  ): Promise<Leg | NotNamed | InVain> {
    const excluded = [...avoided]
    let wasSlow = false
    for (let tries = 1; ; tries++) {
      const kept = excluded.length === 0 ? this.#kept.take(request) : undefined
      const said = kept ?? (await this.#named(request, excluded))
      if (said.exception !== undefined) {
        if (excluded.length === 0) return { said }
        return { error: new KerbsideError('datanode-unreachable', said.exception.message), wasSlow }
      }
      const dataNode = this.#follow(said, request)
      const sent = begin(this.#asked(request, dataNode, said.delegationToken), this.#limits, headers)
      const failure = await connected(sent, withinMs)
      const addresses = () => addressesOf(dataNode.host)
      if (failure === undefined) return { sent, delegationToken: said.delegationToken, addresses }
      const { code, cause } = failure
      const message = `${dataNode.host}:${dataNode.port}: ${messageOf(cause)}`
      if (code === 'hdfs-untrusted') return { error: new KerbsideError(code, message, { cause }), wasSlow: false }
      wasSlow ||= cause instanceof NoConnectionYet
      excluded.push(...(await addresses()))
      if (excluded.length > 0 && tries < most) continue
      return { error: new KerbsideError('datanode-unreachable', message, { cause }), wasSlow }
    }
  }

  /** Repeatable, since it only names a DataNode: nothing is created or appended to yet. */
  #named(request: HdfsRequest, excluded: readonly string[]): Promise<Said> {
    const { operation, target } = request
    // Host names and HTTPS ports are silently ignored here: only addresses count.
    const without = excluded.length === 0 ? [] : [['excludedatanodes', excluded.join(',')] as const]
    const query = [...sentQuery(request), ...without]
    return this.#nameNodes.ask({ method: operation.method, target, query, repeatable: true })
  }

  #follow(said: Said, { target }: HdfsRequest): DataNode {
    const { status, headers, protocol } = said
    const redirect = checkRedirect(headers.location ?? '', { target, hosts: this.#hosts(), protocol })
    if (status === 307 && !('problem' in redirect)) return redirect
    const why = 'problem' in redirect ? redirect.problem : `its status is ${status}`
    throw new KerbsideError('hdfs-broken-answer', `a redirect of the NameNode is not followed: ${why}`)
  }

  #asked(request: HdfsRequest, { protocol, host, port, nameNodeAddress }: DataNode, delegationToken: string) {
    const query = [...sentQuery(request), ['delegation', delegationToken] as [string, string]]
    if (nameNodeAddress !== undefined) query.push(['namenoderpcaddress', nameNodeAddress])
    const path = `${PREFIX}${encodePath(request.target)}?${writeQuery(query)}`
    return { protocol, host, port, method: request.operation.method, path, agent: this.#agents.fresh(protocol) }
  }
}

/** No address, nothing to exclude by. */
async function addressesOf(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch {
    return []
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
