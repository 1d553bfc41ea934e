/** The server of the page: read-only, without a script, and closed to pages of other sites. */
import type { Server } from 'node:http'
import { isIP } from 'node:net'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { toKerbsideError } from '../core/errors.ts'
import { searchRows } from '../io/audit/rows.ts'
import type { ChainWatch } from './chain-watch.ts'
import { page } from './page.ts'
import { ICON, STYLE } from './style.ts'
import { readView } from './view.ts'

/** Rows on a page. */
const PAGE_ROWS = 100
/** Lines that one request may read: about a second. */
const MAX_LINES = 60_000

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
} as const

export type ReviewParts = {
  readonly directory: string
  readonly chains: ChainWatch
  readonly log: Logger
  /** Names under which the page may be asked for, besides IP addresses and `localhost`. */
  readonly names: readonly string[]
}

export type ReviewServer = FastifyInstance<Server>

export function reviewServer(parts: ReviewParts): ReviewServer {
  const server = fastify({ bodyLimit: 1024, requestTimeout: 10_000 })
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS)
    if (isOurName(request, parts.names)) return
    return reply
      .code(403)
      .type('text/plain; charset=utf-8')
      .send('this page is not served under that name; give --name\n')
  })
  server.get('/', (request, reply) => records(request, reply, parts))
  server.get('/style.css', (_, reply) => reply.type('text/css; charset=utf-8').send(STYLE))
  server.get('/icon.svg', (_, reply) => reply.type('image/svg+xml').send(ICON))
  server.get('/healthz', (_, reply) => reply.type('text/plain; charset=utf-8').send('ok'))
  server.setNotFoundHandler((_, reply) =>
    reply.code(404).type('text/plain; charset=utf-8').send('there is nothing here\n'),
  )
  server.setErrorHandler((thrown, _, reply) => {
    const { code, message } = toKerbsideError(thrown)
    parts.log.error({ code }, message)
    return reply.code(500).type('text/plain; charset=utf-8').send('the records cannot be read now; the log says why\n')
  })
  return server
}

/**
 * Another site can point a name of its own at our address and so read the page from a visitor's browser. It cannot make
 * the browser send another name than its own.
 */
function isOurName({ headers }: FastifyRequest, names: readonly string[]): boolean {
  const host = (headers.host ?? '')
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase()
  return isIP(host) !== 0 || host === 'localhost' || names.includes(host)
}

async function records(request: FastifyRequest, reply: FastifyReply, parts: ReviewParts): Promise<FastifyReply> {
  const { directory, chains } = parts
  const mark = request.url.indexOf('?')
  const { view, problems } = readView(mark < 0 ? '' : request.url.slice(mark + 1))
  const search = { ...view, limit: PAGE_ROWS, maxLines: MAX_LINES }
  const [found, newest] = await Promise.all([searchRows(directory, search), chains.newest()])
  reply.type('text/html; charset=utf-8')
  return reply.send(page({ directory, view, problems, found, chains: newest }))
}
