/** The server of the page: read-only, without a script, and closed to pages of other sites. */
import type { Server } from 'node:http'
import { Server as TlsServer } from 'node:https'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { toKerbsideError } from '../core/errors.ts'
import { searchRows } from '../io/audit/rows.ts'
import type { CertifiedKey } from '../io/tls/x509.ts'
import type { ChainWatch } from './chain-watch.ts'
import { type GuardParts, guard } from './guard.ts'
import { loginRoutes } from './login/routes.ts'
import { page } from './page.ts'
import { ICON, STYLE } from './style.ts'
import { readView } from './view.ts'

/** Rows on a page. */
const PAGE_ROWS = 100
/** Lines that one request may read: about a second. */
const MAX_LINES = 60_000

export type ReviewParts = GuardParts & {
  readonly directory: string
  readonly chains: ChainWatch
  readonly log: Logger
  /** Whether it serves TLS: then it has no certificate until {@link useCertificate} gives it one. */
  readonly isTls: boolean
}

export type ReviewServer = FastifyInstance<Server>

/** Takes the first certificate as it takes each later one. */
export function useCertificate({ server }: ReviewServer, { certificatePem: cert, keyPem: key }: CertifiedKey): void {
  if (server instanceof TlsServer) server.setSecureContext({ cert, key })
}

const OPEN = { config: { need: 'nothing' } } as const

export function reviewServer(parts: ReviewParts): ReviewServer {
  const { login, journal, log } = parts
  const limits = { bodyLimit: 1024, requestTimeout: 10_000 }
  // The two have different types, and nothing below needs to tell them apart.
  const server = (parts.isTls ? fastify({ ...limits, https: {} }) : fastify(limits)) as ReviewServer
  // A form is a button here: nothing in it is read.
  server.addContentTypeParser('application/x-www-form-urlencoded', (_, body, done) => {
    body.resume().once('end', () => done(null))
  })
  guard(server, parts)
  if (login !== undefined) loginRoutes(server, { login, journal, log })
  server.get('/', { config: { need: 'records' } }, (request, reply) => records(request, reply, parts))
  server.get('/style.css', OPEN, (_, reply) => reply.type('text/css; charset=utf-8').send(STYLE))
  server.get('/icon.svg', OPEN, (_, reply) => reply.type('image/svg+xml').send(ICON))
  server.get('/healthz', OPEN, (_, reply) => reply.type('text/plain; charset=utf-8').send('ok'))
  server.setNotFoundHandler((_, reply) =>
    reply.code(404).type('text/plain; charset=utf-8').send('there is nothing here\n'),
  )
  server.setErrorHandler((thrown, _, reply) => {
    const { code, message } = toKerbsideError(thrown)
    log.error({ code }, message)
    const status = code === 'audit-unwritable' ? 503 : 500
    return reply.code(status).type('text/plain; charset=utf-8').send('nothing can be shown now; the log says why\n')
  })
  return server
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
