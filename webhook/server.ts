/** The HTTPS server that the API server calls: a review in, a verdict out. What goes wrong on the way is a denial. */
import type { Server } from 'node:https'
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import type { Logger } from 'pino'
import { type JudgeParts, judge } from './judge.ts'
import type { WebhookMetrics } from './metrics.ts'
import { REFUSALS, type RefusalReason } from './refusals.ts'

/** What a caller may take up of us. Who takes longer, or sends more, is sent away, and nobody else waits for it. */
export type ServerLimits = {
  /** As much as the API server takes of one object, twice over for an update, and what controller-runtime allows. */
  readonly bodyBytes: number
  readonly headerBytes: number
  /** From the first byte of a request, or of the connection, to the last of its headers. */
  readonly headersMs: number
  /** To the last byte of its body. */
  readonly requestMs: number
  readonly handshakeMs: number
  /** Between two requests. The API server keeps idle connections for 90 s; ours must live longer, or it writes into a closed one. */
  readonly idleMs: number
}
export const LIMITS: ServerLimits = {
  bodyBytes: 7 * 1024 * 1024,
  headerBytes: 16 * 1024,
  headersMs: 10_000,
  requestMs: 15_000,
  handshakeMs: 10_000,
  idleMs: 120_000,
}
/** How often connections are looked at, as a share of the time that they have. */
const CHECKS_PER_LIMIT = 5

export type ServerParts = Omit<JudgeParts, 'log' | 'metrics'> & {
  readonly log: Logger
  readonly metrics: WebhookMetrics
  /** What is not ready, or undefined when all is. */
  readonly notReady: () => string | undefined
  /** Whether this process serves on only for those who have not heard that it ends. */
  readonly isEnding: () => boolean
  readonly limits?: Partial<ServerLimits>
}

export type WebhookServer = FastifyInstance<Server>

/** It has no certificate yet: `server.setSecureContext` takes the first one as it takes each later one. */
export function webhookServer(parts: ServerParts): WebhookServer {
  const limits = { ...LIMITS, ...parts.limits }
  const server = fastify({
    https: {
      maxHeaderSize: limits.headerBytes,
      handshakeTimeout: limits.handshakeMs,
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: limits.headersMs / CHECKS_PER_LIMIT,
    },
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
  })
  // Read by ourselves, from the bytes: what is not UTF-8 must not be mended on the way.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  for (const stage of ['mutate', 'validate'] as const) {
    server.post(`/${stage}`, ({ body }, reply) => {
      const answer = judge(Buffer.isBuffer(body) ? body : Buffer.of(), stage, parts)
      return 'refused' in answer ? refuse(reply, answer.refused, parts) : reply.send(answer)
    })
  }
  server.get('/healthz', () => 'ok')
  server.get('/readyz', (_, reply) => {
    const problem = parts.isEnding() ? 'this process is ending' : parts.notReady()
    return problem === undefined ? 'ok' : reply.code(503).send(problem)
  })
  server.get('/metrics', async (_, reply) => {
    reply.type(parts.metrics.registry.contentType)
    return parts.metrics.registry.metrics()
  })
  server.addHook('onSend', async (_, reply) => {
    if (parts.isEnding()) reply.header('connection', 'close')
  })
  server.setNotFoundHandler((_, reply) => reply.code(404).type('text/plain').send('there is nothing here'))
  server.setErrorHandler((error: { statusCode?: number; code?: string }, _, reply) => {
    const reason = reasonOf(error)
    if (reason !== undefined) return refuse(reply, reason, parts)
    parts.log.error({ code: error.code }, 'request failed')
    return reply.code(500).type('text/plain').send('an error inside Kerbside')
  })
  return server
}

/** Fastify's own errors, as far as the caller brought them about. */
function reasonOf({ statusCode, code }: { statusCode?: number; code?: string }): RefusalReason | undefined {
  if (statusCode === REFUSALS['too-large'].status) return 'too-large'
  if (statusCode === REFUSALS['other-media-type'].status) return 'other-media-type'
  if (code === 'ECONNRESET' || statusCode === REFUSALS['cut-off'].status) return 'cut-off'
  return undefined
}

/** As plain text, which is what the API server shows of an answer that is no AdmissionReview. */
function refuse(reply: FastifyReply, reason: RefusalReason, { log, metrics }: ServerParts) {
  const { status, sentence } = REFUSALS[reason]
  metrics.refused(reason)
  log.warn({ reason }, 'request refused')
  return reply.code(status).type('text/plain').send(sentence)
}
