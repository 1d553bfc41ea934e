/** An allowed operation: asked of whoever answers it, and the answer cut down to what policy shows. */
import { KerbsideError } from '../../src/core/errors.ts'
import { demandOfParents } from '../../src/core/hdfs/demands.ts'
import type { Told } from '../../src/core/hdfs/remote-exception.ts'
import { demandingOf, demandsOf, type HdfsRequest, sentQuery, sentTarget } from '../../src/core/hdfs/request.ts'
import { askChecksum } from './checksum.ts'
import type { Client } from './client.ts'
import { concatRefusal } from './concat.ts'
import type { Gate } from './gate.ts'
import { tellSaid } from './hdfs.ts'
import { tellListing } from './listing.ts'
import type { Said } from './name-nodes.ts'
import { type Outcome, toldOnly } from './outcome.ts'
import { askPage } from './pages.ts'
import { read } from './read.ts'
import { type Rules, seenBy } from './rules.ts'
import { write } from './write.ts'

export type Allowed = {
  readonly request: HdfsRequest
  readonly rules: Rules
  /** What {@link askAhead} gave. */
  readonly asked: Promise<Said> | undefined
}

/**
 * A question that changes nothing may be on its way to the NameNode while its record is on its way to the disk. Whoever
 * calls this tells nobody the answer before the record is there.
 */
export function askAhead(gate: Gate, request: HdfsRequest): Promise<Said> | undefined {
  const { answeredBy, method, name } = request.operation
  if (answeredBy !== 'namenode' || method !== 'GET' || ASKED_IN_PAGES.has(name)) return undefined
  const asked = ask(gate, request)
  // Whoever waits for it hears of it; nobody may, when there is no record.
  asked.catch(() => {})
  return asked
}

const ASKED_IN_PAGES = new Set(['LISTSTATUS', 'LISTSTATUS_BATCH'])

export async function forward(gate: Gate, client: Client, { request, rules, asked }: Allowed): Promise<Outcome> {
  const { answeredBy, name } = request.operation
  switch (answeredBy) {
    case 'local':
      return toldOnly(client.tell(localAnswer(request, rules)))
    case 'namenode':
      return askNameNode(gate, client, { request, asked })
    case 'datanode':
      return gate.streams.watch(demandsOf(request), (stop) => transfer(gate, client, request, stop))
    case 'nobody':
      throw new KerbsideError('internal', `${name} was allowed, and nobody answers it`)
  }
}

function localAnswer({ operation }: HdfsRequest, { slice }: Rules): Told {
  const answer = operation.answer?.({ home: slice.home })
  return { status: 200, body: answer === undefined ? '' : JSON.stringify(answer) }
}

async function transfer(gate: Gate, client: Client, request: HdfsRequest, stop: AbortSignal): Promise<Outcome> {
  if (stop.aborted) return toldOnly(client.tell(stop.reason as Told))
  const reading = { request, client, stop }
  if (request.operation.name === 'GETFILECHECKSUM') return toldOnly(client.tell(await askChecksum(gate.hdfs, reading)))
  if (request.operation.method === 'GET') return read(gate.hdfs, reading)
  const rules = gate.rules()
  // In shadow nothing is refused, so nothing is changed either.
  const limits = rules.slice.mode === 'shadow' ? undefined : rules.limitsAt(request.target.path)
  return write(gate.hdfs, { request: withParentsOnlyIfAllowed(request, rules), client, stop, limits })
}

async function askNameNode(
  gate: Gate,
  client: Client,
  { request, asked }: Pick<Allowed, 'request' | 'asked'>,
): Promise<Outcome> {
  const { name } = request.operation
  const listed = name === 'LISTSTATUS' ? await tellListing(gate, request, client) : undefined
  if (listed !== undefined) return listed
  if (name === 'LISTSTATUS_BATCH') return toldOnly(client.tell(await askPage(gate, request, client)))
  const refused = name === 'CONCAT' ? await concatRefusal(gate, request) : undefined
  if (refused !== undefined) return { ...toldOnly(client.tell(refused.told)), reason: refused.reason }
  const said = await (asked ?? ask(gate, request))
  if (said.exception !== undefined || said.status !== 200) return toldOnly(client.tell(tellSaid(said)))
  return toldOnly(client.tell({ status: 200, body: filtered(gate, request, said) }))
}

function ask({ hdfs }: Gate, request: HdfsRequest): Promise<Said> {
  const { method, repeatable } = request.operation
  return hdfs.nameNodes.ask({ method, target: sentTarget(request), query: sentQuery(request), repeatable })
}

/** Filtered by the rules of this moment, which may be newer than those that let the question through. */
function filtered(gate: Gate, { operation, target }: HdfsRequest, { body, headers }: Said): string {
  if (body !== '' && !String(headers['content-type']).startsWith('application/json')) {
    throw new KerbsideError('hdfs-broken-answer', `${operation.name} was answered with ${headers['content-type']}`)
  }
  return operation.filter === undefined ? body : operation.filter.cut(body, seenBy(gate.rules(), target))
}

/** A file needs no right to make directories, so long as HDFS is told not to make any. */
function withParentsOnlyIfAllowed(request: HdfsRequest, rules: Rules): HdfsRequest {
  const parents = demandOfParents(demandingOf(request))
  if (request.operation.name !== 'CREATE' || parents === undefined) return request
  if (rules.decide([parents]).effect === 'allow') return request
  return { ...request, parameters: new Map([...request.parameters, ['createparent', 'false']]) }
}
