/** One WebHDFS request, read whole: method and raw request target in, an operation on canonical paths out, or why not. */
import { isSyntheticToken } from '../hadoop/synthetic-token.ts'
import type { Demand } from '../policy/decision/demand.ts'
import type { RequestReason } from '../reasons.ts'
import type { Demanding } from './demands.ts'
import type { Operation } from './operation.ts'
import { findOperation } from './operations.ts'
import { PARAMETERS, type ParameterName } from './parameters.ts'
import { ROOT } from './path.ts'
import { parseQuery, type Query } from './query.ts'
import {
  canonicalize,
  canonicalizeText,
  encodePath,
  type Reading,
  type Refused,
  sentPath,
  type Target,
} from './target.ts'

export const PREFIX = '/webhdfs/v1'

export type HdfsRequest = {
  readonly operation: Operation
  readonly target: Target
  /** RENAME's. */
  readonly destination?: Target
  /** Checked, and in the form that travels upstream. */
  readonly parameters: Demanding['parameters']
  /** Of an operation that DataNodes answer: whether the client has followed our redirect already. Carries no right. */
  readonly step: 1 | 2
  /** Whether the client wants to find a redirect in a JSON body (`noredirect=true`). */
  readonly redirectInBody: boolean
}

/** A request that never reaches policy, with what is known of it for the record. */
export type RefusedRequest = {
  readonly refuse: RequestReason
  /** The client's own text when there is no such operation. */
  readonly operation: string
  /** Canonical where there is one, else the raw path. Never the query, which may hold a secret. */
  readonly path: string
}

/**
 * Each is a way to act as somebody else (CVE-2017-5646, CVE-2018-11764), so it is refused and not only dropped. Our own
 * delegation token is worth nothing: a client that got one sends it along.
 */
function actsAsAnother(query: Query): boolean {
  const delegation = query.get('delegation')
  return query.has('doas') || (delegation !== undefined && !isSyntheticToken(delegation))
}

/**
 * @param method as in the request line
 * @param rawTarget as in the request line: never through `new URL`, which resolves `..` and turns `\` into `/`
 */
export function parseRequest(method: string, rawTarget: string, reading: Reading = {}): HdfsRequest | RefusedRequest {
  const mark = rawTarget.indexOf('?')
  const rawPath = mark < 0 ? rawTarget : rawTarget.slice(0, mark)
  const query = parseQuery(mark < 0 ? '' : rawTarget.slice(mark + 1))
  const name = 'refuse' in query ? '' : (query.get('op') ?? '').toUpperCase()
  const refused = (refuse: RequestReason, path = rawPath): RefusedRequest => ({ refuse, operation: name, path })

  const rest = rawPath.startsWith(PREFIX) ? rawPath.slice(PREFIX.length) : undefined
  if (rest === undefined || rawTarget.includes('#')) return refused('bad-target')
  const target = canonicalize(rest, reading)
  if ('refuse' in target) return refused(target.refuse)
  const path = sentPath(target)
  if ('refuse' in query) return refused(query.refuse, path)
  if (actsAsAnother(query)) return refused('identity-parameter', path)

  const operation = findOperation(name)
  if (operation === undefined) return refused('unknown-operation', path)
  if (operation.answeredBy === 'nobody') return refused('unsupported-operation', path)
  if (operation.method !== method) return refused('wrong-method', path)
  const read = readParameters(operation, query, reading)
  return 'refuse' in read
    ? refused(read.refuse, path)
    : { operation, target, ...read, step: query.get('step') === '2' ? 2 : 1 }
}

type Read = Pick<HdfsRequest, 'destination' | 'parameters' | 'redirectInBody'>

/** Only what the row names is read; what it does not name is dropped unread, since clients send parameters of their own. */
function readParameters(operation: Operation, query: Query, reading: Reading): Read | Refused {
  const parameters = new Map<ParameterName, string>()
  for (const name of operation.parameters) {
    const given = query.get(name)
    if (given === undefined) continue
    const value = PARAMETERS[name](given)
    if (value === undefined) return { refuse: 'bad-parameter' }
    parameters.set(name, value)
  }
  if (operation.needs.some((name) => !query.has(name))) return { refuse: 'bad-parameter' }
  const redirectInBody = (query.get('noredirect') ?? '').toLowerCase() === 'true'
  if (!operation.needs.includes('destination')) return { parameters, redirectInBody }
  const destination = canonicalizeText(query.get('destination') ?? '', reading)
  return 'refuse' in destination ? destination : { parameters, redirectInBody, destination }
}

/** All that policy must allow: what the row demands, and the same of `snap-read` where a path goes through a snapshot. */
export function demandsOf(request: Pick<HdfsRequest, 'operation' | 'target' | 'destination' | 'parameters'>): Demand[] {
  const { operation, target, destination } = request
  const snapshotted = new Set([target, destination].flatMap((one) => (one?.snapshot ? [one.path] : [])))
  return operation
    .demands(demandingOf(request))
    .flatMap((demand) => (snapshotted.has(demand.path) ? [demand, { ...demand, action: 'snap-read' }] : [demand]))
}

/** The request as its row's functions see it. */
export function demandingOf({
  target,
  destination,
  parameters,
}: Pick<HdfsRequest, 'target' | 'destination' | 'parameters'>): Demanding {
  return { path: target.path, parameters, ...(destination === undefined ? {} : { destination: destination.path }) }
}

/** What the client gave of the parameters that decide; nothing where the operation has none. */
export function decisiveOf({
  operation,
  parameters,
}: Pick<HdfsRequest, 'operation' | 'parameters'>): { readonly [name in ParameterName]?: string } | undefined {
  if (operation.decisive.length === 0) return undefined
  return Object.fromEntries(
    operation.decisive.flatMap((name) => {
      const value = parameters.get(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** Where an operation is sent: one that asks for facts about the cluster names no path, whatever the client named. */
export const sentTarget = ({ operation, target }: Pick<HdfsRequest, 'operation' | 'target'>): Target =>
  operation.free === undefined ? target : { path: ROOT }

/** What travels upstream: the operation, its checked parameters and nothing else. `destination` is sent canonical. */
export function sentQuery({ operation, destination, parameters }: HdfsRequest): [name: string, value: string][] {
  const given = [...parameters].flatMap(([name, value]) => {
    return name === 'xattr.name' ? value.split('\n').map((one): [string, string] => [name, one]) : [[name, value]]
  }) as [string, string][]
  const pairs: [string, string][] = [['op', operation.name], ...given]
  if (destination !== undefined) pairs.push(['destination', sentPath(destination)])
  return pairs
}

/** Path and query of the URL for step two. It is decided again, and clients may edit it: Java replaces `offset`. */
export function stepTwo(request: HdfsRequest): string {
  const query = [...sentQuery(request), ['step', '2']].map((pair) => pair.map(encodeURIComponent).join('='))
  return `${PREFIX}${encodePath(request.target)}?${query.join('&')}`
}
