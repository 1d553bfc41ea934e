/** What is no page: rows as they come (server-sent events), and all rows of a filter as a file. */
import type { Server } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { KerbsideError } from '../core/errors.ts'
import { textOf } from './html.ts'
import { linksFor } from './links.ts'
import { itemRow } from './pages/items.ts'
import type { Questions } from './query/questions.ts'
import { EXPORT_FORMATS } from './query/records.ts'
import { queryOf } from './request-query.ts'
import { filterOf } from './routes.ts'

export type StreamParts = {
  readonly questions: Questions
  /** Whether whoever has these cookies is still signed in. */
  readonly isSignedIn: (cookies: string | undefined) => boolean
}

const ASK_EVERY_MS = 1000
const ROWS_AT_ONCE = 50
/** A browser that is gone is noticed when something is written. */
const QUIET_ROUNDS = 15
/** Each asks once a second. Whoever comes later reloads. */
const MOST_TAILS = 20

export function streamRoutes(server: FastifyInstance<Server>, { questions, isSignedIn }: StreamParts): void {
  let tails = 0
  let isEnding = false
  server.addHook('preClose', async () => {
    isEnding = true
  })

  server.get('/records/tail', { config: { need: 'records' } }, async (request, reply) => {
    const { viewer } = request
    if (viewer === null) throw new KerbsideError('internal', 'rows are about to be told to nobody')
    const filter = filterOf(queryOf(request), ['of'])
    if (tails >= MOST_TAILS) return reply.code(503).type('text/plain; charset=utf-8').send('too many look at once\n')
    const links = linksFor(viewer)
    let { cursor } = await questions.fresh({ filter, limit: 1 }, viewer.scope)
    const { raw } = reply.hijack()
    raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), 'content-type': 'text/event-stream' })
    raw.write('retry: 5000\n\n')
    tails += 1
    try {
      for (let quiet = 0; !isEnding && !raw.destroyed && isSignedIn(request.headers.cookie); quiet++) {
        const fresh = await questions.fresh({ filter, since: cursor, limit: ROWS_AT_ONCE }, viewer.scope)
        cursor = fresh.cursor
        for (const item of fresh.items)
          raw.write(`event: row\ndata: ${JSON.stringify(textOf(itemRow(item, links)))}\n\n`)
        if (fresh.isCut) raw.write('event: more\ndata: \n\n')
        if (quiet % QUIET_ROUNDS === 0) raw.write(': still here\n\n')
        await wait(ASK_EVERY_MS)
      }
    } finally {
      tails -= 1
      raw.end()
    }
    return reply
  })

  server.get('/records/export', { config: { need: 'records' } }, async (request, reply) => {
    const { viewer } = request
    if (viewer === null) throw new KerbsideError('internal', 'rows are about to be told to nobody')
    const query = queryOf(request)
    const filter = filterOf(query, ['of', 'format'])
    const format = EXPORT_FORMATS.find((one) => one === query.get('format'))
    if (format === undefined) throw new KerbsideError('bad-request', `there are ${EXPORT_FORMATS.join(', ')}`)
    const { type, extension, bytes } = await questions.exported({ filter, format }, viewer.scope)
    return reply
      .type(type)
      .header('content-disposition', `attachment; filename="kerbside-records.${extension}"`)
      .send(Readable.from(bytes))
  })
}
