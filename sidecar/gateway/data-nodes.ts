/** The second leg of OPEN, CREATE and APPEND: which DataNode the NameNode names, and a connection to it. */
import { lookup } from 'node:dns/promises'
import type { ClientRequest } from 'node:http'
import { KerbsideError } from '../../src/core/errors.ts'
import { writeQuery } from '../../src/core/hdfs/query.ts'
import { checkRedirect, type DataNode } from '../../src/core/hdfs/redirect.ts'
import { type HdfsRequest, PREFIX, sentQuery } from '../../src/core/hdfs/request.ts'
import { encodePath } from '../../src/core/hdfs/target.ts'
import type { Agents } from './agents.ts'
import { begin, connected } from './exchange.ts'
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
   * not connect is excluded and another asked for.
   * @throws KerbsideError `datanode-unreachable`, `hdfs-broken-answer` for a redirect that must not be followed, or as `NameNodes.ask`
   */
  async connect(request: HdfsRequest, { headers = {}, avoided = [] }: Connecting = {}): Promise<Leg | NotNamed> {
    const excluded = [...avoided]
    for (;;) {
      const kept = excluded.length === 0 ? this.#kept.take(request) : undefined
      const said = kept ?? (await this.#named(request, excluded))
      if (said.exception !== undefined && excluded.length === 0) return { said }
      const dataNode = this.#follow(said, request)
      const sent = begin(this.#asked(request, dataNode, said.delegationToken), this.#limits, headers)
      const failure = await connected(sent, this.#limits)
      const addresses = () => addressesOf(dataNode.host)
      if (failure === undefined) return { sent, delegationToken: said.delegationToken, addresses }
      const { code, cause } = failure
      excluded.push(...(await addresses()))
      if (code === 'hdfs-untrusted' || excluded.length === 0 || excluded.length >= this.#limits.dataNodes) {
        const told = code === 'hdfs-untrusted' ? code : 'datanode-unreachable'
        throw new KerbsideError(told, `${dataNode.host}:${dataNode.port}: ${messageOf(cause)}`, { cause })
      }
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
    if (said.exception !== undefined) throw new KerbsideError('datanode-unreachable', said.exception.message)
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
