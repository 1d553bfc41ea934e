/** LISTSTATUS: asked of HDFS in pages and told as one listing, so that no directory is too large to be held. */
import { type Page, readPage } from '../../src/core/hdfs/answers/page.ts'
import type { Told } from '../../src/core/hdfs/remote-exception.ts'
import { demandsOf, type HdfsRequest } from '../../src/core/hdfs/request.ts'
import type { Client } from './client.ts'
import type { Gate } from './gate.ts'
import { tellSaid } from './hdfs.ts'
import { type Outcome, toldOnly } from './outcome.ts'
import { seenBy } from './rules.ts'
import { drained, ended } from './taken.ts'

const HEAD = '{"FileStatuses":{"FileStatus":['
const TAIL = ']}}'

/**
 * The NameNode makes its own LISTSTATUS of pages, too (`NamenodeWebHdfsMethods.getListingStream`), so a directory that
 * changes meanwhile looks no different. Most have one page: those are told with their length.
 * @returns nothing where HDFS knows no pages, and has to be asked for the whole
 */
export async function tellListing(gate: Gate, request: HdfsRequest, client: Client): Promise<Outcome | undefined> {
  const first = await ask(gate, request, undefined)
  if ('told' in first && first.isUnknown) return undefined
  if ('told' in first) return toldOnly(client.tell(first.told))
  if (first.after === undefined) {
    return toldOnly(client.tell({ status: 200, body: HEAD + rowsOf(first) + TAIL }))
  }
  return gate.streams.watch(demandsOf(request), async (stop) => {
    const isWhole = await tellPages(gate, request, { client, stop, first }).catch((thrown) => {
      gate.warn(`a listing broke off: ${thrown.message}`, thrown.cause)
      return false
    })
    if (!isWhole) client.response.destroy()
    return { ...toldOnly(200), cut: !isWhole }
  })
}

type Telling = { readonly client: Client; readonly stop: AbortSignal; readonly first: Page }

/** @returns whether the client was told all of it; one that was not must see it */
async function tellPages(gate: Gate, request: HdfsRequest, { client, stop, first }: Telling): Promise<boolean> {
  if (stop.aborted) return false
  const response = client.begin()
  let separator = ''
  const write = (text: string) => {
    response.write(separator + text)
    separator = ','
  }
  response.write(HEAD)
  for (let page = first; ; ) {
    if (page.shown.length > 0) write(rowsOf(page))
    await drained(response)
    if (stop.aborted || client.isGone) return false
    if (page.after === undefined) break
    const next = await ask(gate, request, page.after)
    if ('told' in next || next.after === page.after) return false
    page = next
  }
  return ended(response, TAIL)
}

type Refused = { readonly told: Told; readonly isUnknown: boolean }

/** As a router of a federation says it (`RouterWebHdfsMethods`), and as Hadoop before 2.9 does. */
const UNKNOWN = new Set(['UnsupportedOperationException', 'IllegalArgumentException'])

/** Filtered by the rules of the moment at which the page came. */
async function ask(gate: Gate, request: HdfsRequest, after: string | undefined): Promise<Page | Refused> {
  const from = after === undefined ? [] : [['startafter', after] as const]
  const query = [['op', 'LISTSTATUS_BATCH'] as const, ...from]
  const said = await gate.hdfs.nameNodes.ask({ method: 'GET', target: request.target, query, repeatable: true })
  if (said.exception !== undefined || said.status !== 200) {
    return { told: tellSaid(said), isUnknown: UNKNOWN.has(said.exception?.exception ?? '') }
  }
  return readPage(said.body, seenBy(gate.rules(), request.target))
}

const rowsOf = ({ shown }: Page): string => shown.map((row) => JSON.stringify(row)).join(',')
