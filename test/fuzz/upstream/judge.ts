/** Whether a request that went to HDFS should have: by the slow second reading of the law, on paths as Hadoop reads them. */
import type { Bundle } from '../../../src/core/policy/bundle.ts'
import type { Demand } from '../../../src/core/policy/decision/demand.ts'
import type { Upstream } from '../../e2e/gateway/tap.ts'
import { type IdentityName, lawAllows } from '../policies.ts'
import { type HadoopPath, readingsOf, resolve } from './hadoop-path.ts'
import { ERRANDS, type Touch, touchedBy } from './touched.ts'

export type Judge = (upstream: Upstream, identity: IdentityName) => string | undefined

type Read = {
  readonly path: readonly HadoopPath[]
  readonly to: readonly HadoopPath[]
  readonly sources: readonly HadoopPath[]
}

const PREFIX = '/webhdfs/v1'
/** Each chooses who acts, or where: none may come from a client. `namenoderpcaddress` is the NameNode's own, for a DataNode. */
const FORBIDDEN = ['doas', 'user.name', 'ugi', 'nnaddr', 'token', 'renewer', 'service', 'kind', 'redirectbyipaddress']
const HEADERS = ['host', 'user-agent', 'x-xsrf-header', 'accept', 'connection', 'content-type', 'transfer-encoding']

/** @returns a function that gives what is wrong with a request upstream, or nothing */
export function judgeFor(bundle: Bundle, inodeNames: ReadonlyMap<number, string>, delegationToken: string): Judge {
  const known = new Map<string, boolean>()
  return (upstream, identity) => {
    const { method, to, target, headers } = upstream
    const [rawPath = '', rawQuery = ''] = target.split('?')
    if (!rawPath.startsWith(PREFIX)) return `${method} ${rawPath} is not WebHDFS`
    const query = parametersOf(rawQuery)
    if (query === undefined) return `${rawPath} has a parameter twice`
    const forbidden = [...query.keys()].find((name) => FORBIDDEN.includes(name))
    if (forbidden !== undefined) return `${rawPath} carries \`${forbidden}\``
    if (query.has('namenoderpcaddress') && (to === 'namenode' || query.get('namenoderpcaddress') !== 'lab')) {
      return `${rawPath} carries a foreign NameNode`
    }
    if (query.get('delegation') !== delegationToken) return `${rawPath} carries another delegation token`
    if (to === 'namenode' && upstream.bodyBytes > 0) return `${rawPath} carries a body to the NameNode`
    const foreign = headers.find(([name]) => ![...HEADERS, 'content-length'].includes(name.toLowerCase()))
    if (foreign !== undefined) return `${rawPath} carries the header \`${foreign[0]}\``
    const name = query.get('op') ?? ''
    const touched = touchedBy(name, query)
    if (touched === 'free') return undefined
    if (touched === 'never') return `${name} has no business upstream`
    const read = readingOf(rawPath.slice(PREFIX.length), query, inodeNames)
    const may = (touch: Touch) => demandsOf(touch, read).every((demand) => allows(identity, demand))
    const denied = touched.find((touch) => !may(touch))
    if (denied === undefined || ERRANDS.get(name)?.some(may)) return undefined
    const paths = [...read.path, ...read.to, ...read.sources].map(({ path }) => path)
    return `${name} of ${[...new Set(paths)].join(' and ')}: ${identity} may not ${denied}`
  }

  function allows(identity: IdentityName, demand: Demand): boolean {
    const key = `${identity} ${demand.action} ${demand.scope} ${demand.path}`
    const before = known.get(key)
    if (before !== undefined) return before
    if (known.size > 100_000) known.clear()
    const now = lawAllows(bundle, identity, demand)
    known.set(key, now)
    return now
  }
}

function demandsOf(touch: Touch, read: Read): readonly Demand[] {
  const [action = '', what = ''] = touch.split(' ')
  const scope = what.endsWith('/**') ? 'subtree' : 'this'
  const paths = what === 'to' ? read.to : what === 'sources' ? read.sources : read.path
  return paths.flatMap(({ path, isInSnapshot }): Demand[] => {
    const demand = { action, path, scope } as Demand
    return isInSnapshot ? [demand, { ...demand, action: 'snap-read' }] : [demand]
  })
}

function readingOf(rawPath: string, query: ReadonlyMap<string, string>, inodes: ReadonlyMap<number, string>): Read {
  const to = query.get('destination')
  const sources = query.get('sources')
  const path = readingsOf(rawPath === '' ? '/' : rawPath, inodes)
  return {
    path: [...path, ...secondNamesOf(path[0]?.path ?? '/', query, inodes)],
    to: to === undefined ? [] : destinationsOf(to, path[0]?.path ?? '/').map((text) => resolve(text, inodes)),
    sources: sources === undefined ? [] : sources.split(',').map((source) => resolve(source, inodes)),
  }
}

/** What lands in a directory has its own name there; and `new Path` takes what follows two slashes for the name of a host. */
function destinationsOf(to: string, source: string): readonly string[] {
  const read = to.startsWith('//') ? [to, to.replace(/^\/\/[^/]*/, '')] : [to]
  return read.flatMap((text) => [text, `${text}/${source.slice(source.lastIndexOf('/') + 1)}`])
}

/** Names that are joined to the path by HDFS: where one leads out of it, it is a path of its own. */
function secondNamesOf(path: string, query: ReadonlyMap<string, string>, inodes: ReadonlyMap<number, string>) {
  const snapshots = ['snapshotname', 'oldsnapshotname'].flatMap((name) => query.get(name) ?? [])
  const starts = ['startafter', 'snapshotdiffstartpath'].flatMap((name) => query.get(name) ?? [])
  return [
    ...snapshots.filter((name) => name.includes('/')).map((name) => resolve(`${path}/${name}`, inodes)),
    ...starts
      .filter((name) => name.includes('/'))
      .map((name) => resolve(name.startsWith('/.reserved') ? name : `${path}/${name}`, inodes)),
  ]
}

/** Names as the NameNode folds them; a parameter given twice is read differently by NameNode and DataNode. */
function parametersOf(rawQuery: string): ReadonlyMap<string, string> | undefined {
  const query = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    const folded = name.toLowerCase()
    if (query.has(folded) && folded !== 'xattr.name') return undefined
    query.set(folded, value)
  }
  return query
}
