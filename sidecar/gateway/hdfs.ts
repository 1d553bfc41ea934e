/** What the walk knows of HDFS: the NameNodes, the DataNodes, the delegation token, and what must stay hidden of it. */
import { KerbsideError } from '../../src/core/errors.ts'
import { type Told, tellHdfs } from '../../src/core/hdfs/remote-exception.ts'
import type { CurrentSlice, DelegationTokens } from '../ports.ts'
import type { Agents } from './agents.ts'
import { DataNodes } from './data-nodes.ts'
import type { Limits } from './limits.ts'
import { NameNodes, type Said } from './name-nodes.ts'
import { ServerDefaults } from './server-defaults.ts'

export type Hdfs = {
  readonly nameNodes: NameNodes
  readonly dataNodes: DataNodes
  readonly defaults: ServerDefaults
  readonly tokens: DelegationTokens
  readonly limits: Limits
}

export function connectHdfs(slice: CurrentSlice, tokens: DelegationTokens, agents: Agents, limits: Limits): Hdfs {
  const nameNodes = new NameNodes(() => slice.get().cluster.nameNodes, tokens, agents, limits)
  const dataNodes = new DataNodes(nameNodes, () => slice.get().cluster.dataNodeHosts, agents, limits)
  return { nameNodes, dataNodes, defaults: new ServerDefaults(nameNodes, limits), tokens, limits }
}

const LONGEST_MESSAGE = 4000

/** A "no" of HDFS itself in its own words: not a byte of the delegation token in them, nor of a URL that carries one. */
export function tellSaid({
  status,
  exception,
  delegationToken,
}: Pick<Said, 'status' | 'exception' | 'delegationToken'>): Told {
  if (exception === undefined || status < 400) {
    throw new KerbsideError('hdfs-broken-answer', `HDFS answered ${status} without a RemoteException`)
  }
  const hide = (message: string) =>
    message
      .replaceAll(delegationToken, '…')
      .replace(/delegation=[^&\s"]*/gi, 'delegation=…')
      .slice(0, LONGEST_MESSAGE)
  return tellHdfs(status === 401 ? 403 : status, exception, hide)
}
