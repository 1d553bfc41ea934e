/** The server of the pages: read-only, behind the guard, and closed to pages of other sites. */
import type { Server } from 'node:http'
import { Server as TlsServer } from 'node:https'
import fastify, { type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { toKerbsideError } from '../core/errors.ts'
import type { CertifiedKey } from '../io/tls/x509.ts'
import { type GuardParts, guard } from './guard.ts'
import { html } from './html.ts'
import { loginRoutes } from './login/routes.ts'
import { TOLD } from './pages/states.ts'
import { type PageParts, pageRoutes, sendPage } from './routes.ts'
import { SCRIPT } from './script.ts'
import { bare } from './shell.ts'
import { streamRoutes } from './streams.ts'
import { ICON, STYLE } from './style/style.ts'

export type ReviewParts = GuardParts &
  Omit<PageParts, 'hasLogin'> & {
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
/** Names of chains and hostile ones of jobs stand in paths. */
const LONGEST_PARAMETER = 400
/** The longest path of HDFS, 8,000 characters of nine bytes each in a link, fits whatever else is asked with it. */
const LONGEST_HEAD = 128 << 10

export function reviewServer(parts: ReviewParts): ReviewServer {
  const { login, journal, log, questions } = parts
  const limits = { bodyLimit: 1024, requestTimeout: 10_000, routerOptions: { maxParamLength: LONGEST_PARAMETER } }
  // The two have different types, and nothing below needs to tell them apart.
  const server = (
    parts.isTls
      ? fastify({ ...limits, https: { maxHeaderSize: LONGEST_HEAD } })
      : fastify({ ...limits, http: { maxHeaderSize: LONGEST_HEAD } })
  ) as ReviewServer
  // A form is a button here: nothing in it is read.
  server.addContentTypeParser('application/x-www-form-urlencoded', (_, body, done) => {
    body.resume().once('end', () => done(null))
  })
  guard(server, parts)
  if (login !== undefined) loginRoutes(server, { login, journal, log })
  pageRoutes(server, { ...parts, hasLogin: login !== undefined })
  const isSignedIn = (cookies: string | undefined) => login === undefined || login.readerOf(cookies) !== undefined
  streamRoutes(server, { questions, isSignedIn })
  server.get('/style.css', OPEN, (_, reply) => reply.type('text/css; charset=utf-8').send(STYLE))
  server.get('/page.js', OPEN, (_, reply) => reply.type('text/javascript; charset=utf-8').send(SCRIPT))
  server.get('/icon.svg', OPEN, (_, reply) => reply.type('image/svg+xml').send(ICON))
  server.get('/healthz', OPEN, (_, reply) => reply.type('text/plain; charset=utf-8').send('ok'))
  server.setNotFoundHandler((_, reply) =>
    sendPage(reply, 404, bare('There is nothing here', html`<p><a class="button" href="/">To the overview</a></p>`)),
  )
  server.setErrorHandler((thrown, request, reply) => {
    const { code, message } = toKerbsideError(thrown)
    const told = new Map<string, (typeof TOLD)[keyof typeof TOLD]>(Object.entries(TOLD)).get(code)
    if (code === 'internal' || code === 'audit-unwritable' || code.startsWith('io'))
      log.error({ code, route: request.routeOptions.url }, message)
    const given = (thrown as { statusCode?: unknown } | null)?.statusCode
    if (typeof given === 'number' && given < 500)
      return sendPage(
        reply,
        given,
        bare('That is not understood', html`<p><a class="button" href="/">To the overview</a></p>`),
      )
    const [status, title, what] = told ?? [500, 'Something went wrong here', 'The log of this program says what.']
    return sendPage(
      reply,
      status,
      bare(title, html`<p>${what}</p><p><a class="button" href="/">To the overview</a></p>`),
    )
  })
  return server
}
