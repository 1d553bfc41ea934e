/** The HTTPS server that the API server calls: a review in, a verdict out. What goes wrong on the way is a denial. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Logger } from 'pino'
import { type JudgeParts, judge } from './judge.ts'
import type { WebhookMetrics } from './metrics.ts'
import { readBody } from './read-body.ts'
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

type Answer = { readonly status: number; readonly type: string; readonly text: string }
type Route = (request: IncomingMessage) => Answer | Promise<Answer>

/**
 * It has no certificate yet: `setSecureContext` takes the first one as it takes each later one. Node's own server, without a
 * framework: for two routes that one costs a fifth of the time to start and a sixth of the memory.
 */
export function webhookServer(parts: ServerParts): Server {
  const limits = { ...LIMITS, ...parts.limits }
  const routes = routesOf(parts, limits)
  const options = {
    maxHeaderSize: limits.headerBytes,
    handshakeTimeout: limits.handshakeMs,
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: limits.headersMs / CHECKS_PER_LIMIT,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
  }
  return createServer(options, (request, response) => {
    const [path] = (request.url ?? '').split('?')
    const route = routes.get(`${request.method} ${path}`) ?? nothing
    void Promise.resolve(request)
      .then(route)
      .catch((thrown: unknown) => failed(thrown, parts))
      .then((answer) => send(answer, { request, response, isEnding: parts.isEnding() }))
  })
}

function routesOf(parts: ServerParts, { bodyBytes }: ServerLimits): ReadonlyMap<string, Route> {
  const review = (stage: 'mutate' | 'validate'): Route => {
    return async (request) => {
      const body = await readBody(request, bodyBytes)
      const answer = 'refused' in body ? body : judge(body, stage, parts)
      return 'refused' in answer ? refusal(answer.refused, parts) : json(answer)
    }
  }
  return new Map<string, Route>([
    ['POST /mutate', review('mutate')],
    ['POST /validate', review('validate')],
    ['GET /healthz', () => plain(200, 'ok')],
    [
      'GET /readyz',
      () => {
        const problem = parts.isEnding() ? 'this process is ending' : parts.notReady()
        return problem === undefined ? plain(200, 'ok') : plain(503, problem)
      },
    ],
    [
      'GET /metrics',
      async () => {
        const { registry } = parts.metrics
        return { status: 200, type: registry.contentType, text: await registry.metrics() }
      },
    ],
  ])
}

const nothing: Route = () => plain(404, 'there is nothing here')
const plain = (status: number, text: string): Answer => ({ status, type: 'text/plain; charset=utf-8', text })
const json = (value: object): Answer => ({
  status: 200,
  type: 'application/json; charset=utf-8',
  text: JSON.stringify(value),
})

/** As plain text, which is what the API server shows of an answer that is no AdmissionReview. */
function refusal(reason: RefusalReason, { log, metrics }: ServerParts): Answer {
  const { status, sentence } = REFUSALS[reason]
  metrics.refused(reason)
  log.warn({ reason }, 'request refused')
  return plain(status, sentence)
}

/** The code alone: a message could quote what was sent. */
function failed(thrown: unknown, { log }: ServerParts): Answer {
  log.error({ code: Object(thrown).code }, 'request failed')
  return plain(500, 'an error inside Kerbside')
}

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse; readonly isEnding: boolean }

function send({ status, type, text }: Answer, { request, response, isEnding }: Exchange): void {
  // Of a body that was not read to its end the rest would be taken for the next request.
  const isLast = isEnding || !request.complete
  const length = Buffer.byteLength(text)
  response.writeHead(status, {
    'content-type': type,
    'content-length': length,
    ...(isLast ? { connection: 'close' } : {}),
  })
  response.end(text)
}
