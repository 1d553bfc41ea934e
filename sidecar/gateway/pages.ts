/** LISTSTATUS_BATCH: pages of a directory, of which none betrays what policy hides, and of which the last is said to be it. */
import { readPage, writePage } from '../../src/core/hdfs/answers/page.ts'
import { below } from '../../src/core/hdfs/demands.ts'
import type { Told } from '../../src/core/hdfs/remote-exception.ts'
import { type HdfsRequest, sentQuery } from '../../src/core/hdfs/request.ts'
import type { Client } from './client.ts'
import type { Gate } from './gate.ts'
import { tellSaid } from './hdfs.ts'
import type { Said } from './name-nodes.ts'
import { seenBy } from './rules.ts'

/**
 * A client goes on where the last row of its page was, for as long as rows remain; Java's breaks on a last page without
 * any. So where rows may be hidden, "more remain" is said only when a later page has been seen to have one to show, and a
 * page without any is gone past. Otherwise HDFS's own page is passed on.
 */
export async function askPage(gate: Gate, request: HdfsRequest, client: Client): Promise<Told> {
  const seen = seenBy(gate.rules(), request.target)
  const isAllVisible = seen.isVisible([below('stat', request.target.path)])
  let held: readonly unknown[] = []
  let after = request.parameters.get('startafter')
  for (;;) {
    const said = await askFrom(gate, request, after)
    if (said.exception !== undefined || said.status !== 200) return tellSaid(said)
    const page = readPage(said.body, seen)
    if (isAllVisible && !page.isCut) return { status: 200, body: writePage(page.shown, page.remaining) }
    if (held.length > 0 && page.shown.length > 0) return { status: 200, body: writePage(held, page.shown.length) }
    if (held.length === 0) held = page.shown
    if (page.after === undefined || client.isGone) return { status: 200, body: writePage(held, 0) }
    after = page.after
  }
}

function askFrom(gate: Gate, request: HdfsRequest, after: string | undefined): Promise<Said> {
  const { operation, target, parameters } = request
  const from = after === undefined ? parameters : new Map([...parameters, ['startafter' as const, after]])
  const query = sentQuery({ ...request, parameters: from })
  return gate.hdfs.nameNodes.ask({ method: operation.method, target, query, repeatable: true })
}
