/** The HTTPS server that the API server calls: a review in, a verdict out. What goes wrong on the way is a denial. */
import type { Server } from 'node:https'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { toKerbsideError } from '../src/core/errors.ts'
import { type Admission, denial, type Verdict } from '../src/core/identity/admission.ts'
import type { WebhookMetrics } from './metrics.ts'
import { readReview, toAnswer } from './review.ts'

/** As much as etcd takes of one object, several times over, and what controller-runtime allows. */
const LARGEST_BODY_BYTES = 7 * 1024 * 1024
/** The API server keeps idle connections for 90 s; ours must live longer, or it writes into a closed one. */
const KEEP_ALIVE_MS = 120_000

export type ServerParts = {
  readonly log: Logger
  readonly metrics: WebhookMetrics
  readonly evaluate: (admission: Admission) => Verdict
  /** What is not ready, or undefined when all is. */
  readonly notReady: () => string | undefined
  /** Whether this process serves on only for those who have not heard that it ends. */
  readonly isEnding: () => boolean
}

export type WebhookServer = FastifyInstance<Server>

/** It has no certificate yet: `server.setSecureContext` takes the first one as it takes each later one. */
export function webhookServer(parts: ServerParts): WebhookServer {
  const server = fastify({
    https: {},
    bodyLimit: LARGEST_BODY_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Own properties of such names are harmless here: nothing is looked up on a prototype.
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
  })
  server.server.headersTimeout = KEEP_ALIVE_MS + 5000
  for (const stage of ['mutate', 'validate'] as const) {
    server.post(`/${stage}`, (request, reply) => answer(request, reply, stage, parts))
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
  // A body that is no JSON, or too large: the API server takes any such answer as a denial, by failurePolicy Fail.
  server.setErrorHandler((error: { statusCode?: number; code?: string }, _, reply) => {
    parts.log.warn({ code: error.code }, 'request refused')
    return reply.code(error.statusCode ?? 500).send({ message: 'the request is not understood' })
  })
  return server
}

function answer(request: FastifyRequest, reply: FastifyReply, stage: Admission['stage'], parts: ServerParts) {
  const begun = performance.now()
  let review: ReturnType<typeof readReview>
  try {
    review = readReview(request.body, stage)
  } catch (thrown) {
    parts.log.warn({ stage }, toKerbsideError(thrown).message)
    return reply.code(400).send({ message: 'the request is not the AdmissionReview of a pod' })
  }
  const verdict = evaluateSafely(review.admission, parts)
  const ms = performance.now() - begun
  parts.metrics.decided(stage, verdict, ms / 1000)
  log(parts.log, { verdict, ms, stage, uid: review.uid, namespace: review.admission.namespace, owner: review.owner })
  return reply.send(toAnswer(review.uid, verdict))
}

function evaluateSafely(admission: Admission, { evaluate }: ServerParts): Verdict {
  try {
    return evaluate(admission)
  } catch (cause) {
    const change = 'tell the operator of Kerbside when it happened'
    return { effect: 'deny', denials: [denial('internal-error', { change })], cause }
  }
}

/** One line for each decision. Never the pod, the patch, a message or an annotation: pods hold secrets in all of them. */
function log(to: Logger, { verdict, ms, ...where }: { verdict: Verdict; ms: number } & Record<string, unknown>): void {
  const told = { ...where, effect: verdict.effect, ms: Math.round(ms * 10) / 10 }
  if (verdict.effect === 'admit') {
    to.info({ ...told, identity: verdict.identity, additions: verdict.patch.length }, 'pod admitted')
    return
  }
  const reasons = verdict.denials.map(({ reason }) => reason)
  to.info({ ...told, reasons }, 'pod denied')
  if (verdict.cause !== undefined) to.error({ uid: where['uid'], stack: stackOf(verdict.cause) }, 'pod not checked')
}

/** Where it happened, without the message: that could quote the pod. */
const stackOf = (thrown: unknown) =>
  thrown instanceof Error ? thrown.stack?.split('\n').filter((line) => line.startsWith('    at ')) : typeof thrown
