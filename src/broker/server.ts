/** The HTTPS server that sidecars call: a service-account token in, slices or secrets out, events in. What goes wrong on the way gives nothing. */
import type { Server } from 'node:https'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { KerbsideError, toKerbsideError } from '../core/errors.ts'
import { OWNER_HEADER, writeOwner } from '../core/identity/owner-of.ts'
import { askedFormat, SLICE_FORMAT, SLICE_FORMAT_HEADER } from '../core/policy/slice-format.ts'
import type { BrokerReason } from '../core/reasons.ts'
import { BROKER_REASONS } from '../core/reasons.ts'
import { type AuditRouteParts, addAuditRoute } from './audit/route.ts'
import type { Caller, RecogniseCaller, Refusal } from './caller.ts'
import { refuse } from './caller.ts'
import { giveSecrets } from './give-secrets.ts'
import type { BrokerMetrics, Outcome, Served } from './metrics.ts'
import type { PodEvents, Posted } from './pod-events.ts'
import type { SecretDesk } from './secret-desk.ts'
import type { SliceStreams } from './slice-streams.ts'

/** Nobody sends us a body, but for an event. */
const LARGEST_BODY_BYTES = 1024
const LARGEST_EVENT_BYTES = 8192
/** Until the request is there; what is open then is a stream and lives as long as its token. */
const REQUEST_TIMEOUT_MS = 10_000

export type BrokerServer = FastifyInstance<Server>

export type ServerParts = {
  readonly log: Logger
  readonly metrics: BrokerMetrics
  /** PEM, replaced in place by `server.setSecureContext` when it is renewed. */
  readonly certificate: { readonly certificatePem: string; readonly keyPem: string }
  readonly recognise: RecogniseCaller
  readonly streams: SliceStreams
  /** Forms of slices that it writes; those of this version where none are named. */
  readonly formats?: readonly number[] | undefined
  /** Absent when we have no secret store. */
  readonly secrets?: SecretDesk | undefined
  /** Absent when we have no API server to post them to. */
  readonly events?: PodEvents | undefined
  /** Puts a refusal on record. Nobody waits for it. */
  readonly onRefused?: ((asked: Served, identity: string, refusal: Refusal) => void) | undefined
  /** Absent when no records are taken in. */
  readonly audit?: AuditRouteParts | undefined
  /** What is not ready, or undefined when all is. */
  readonly notReady: () => string | undefined
}

/** 401 where another token may help, 403 where none of this pod will, 406 where another broker may. */
const STATUS = {
  'no-token': 401,
  'bad-token': 401,
  'not-pod-bound': 403,
  'pod-gone': 403,
  'other-identity': 403,
  'pod-refused': 403,
  'secrets-direct': 403,
  // Not the pod's fault: its sidecar goes on with what it has.
  'slice-format': 406,
} as const satisfies Record<BrokerReason, 401 | 403 | 406>

export function brokerServer(parts: ServerParts): BrokerServer {
  const { certificatePem: cert, keyPem: key } = parts.certificate
  const server = fastify({
    https: { cert, key, minVersion: 'TLSv1.3' },
    bodyLimit: LARGEST_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
  })
  server.get('/v1/slices', (request, reply) =>
    serve({ what: 'slices', request, reply, give: (caller) => beginStream(caller, { request, reply }, parts) }, parts),
  )
  server.get('/v1/secrets', { exposeHeadRoute: false }, (request, reply) =>
    serve({ what: 'secrets', request, reply, give: (caller) => handOut(caller, reply, parts) }, parts),
  )
  server.post('/v1/events', { bodyLimit: LARGEST_EVENT_BYTES }, (request, reply) =>
    serve({ what: 'events', request, reply, give: (caller) => postEvent(caller, request, reply, parts) }, parts),
  )
  if (parts.audit !== undefined) addAuditRoute(server, parts.audit)
  server.get('/healthz', () => 'ok')
  server.get('/readyz', (_, reply) => {
    const problem = parts.notReady()
    return problem === undefined ? 'ok' : reply.code(503).send(problem)
  })
  server.get('/metrics', async (_, reply) => {
    const { registry } = parts.metrics
    return reply.type(registry.contentType).send(await registry.metrics())
  })
  server.setNotFoundHandler((_, reply) => reply.code(404).send({ message: 'there is nothing here' }))
  server.setErrorHandler((error: { statusCode?: number; code?: string }, _, reply) => {
    parts.log.warn({ code: error.code }, 'request refused')
    return reply.code(error.statusCode ?? 500).send({ message: 'the request is not understood' })
  })
  return server
}

type Asked = {
  readonly what: Served
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Answers a caller that is known, or says why not. */
  readonly give: (caller: Caller) => Refusal | undefined | Promise<Refusal | undefined>
}

async function serve({ what, request, reply, give }: Asked, parts: ServerParts): Promise<FastifyReply> {
  const begun = performance.now()
  const asked = (outcome: Outcome) => parts.metrics.asked(what, outcome, (performance.now() - begun) / 1000)
  // What is asked for follows from the identity: a request that says more was made for something else.
  const { identity, ...more } = Object(request.query)
  if (typeof identity !== 'string' || identity.length > 63 || Object.keys(more).length > 0) {
    return reply.code(400).send({ message: 'name one identity and nothing else: ?identity=NAME' })
  }
  let refusal: Refusal | undefined
  try {
    const caller = await recognise(request, identity, parts)
    refusal = 'reason' in caller ? caller : await give(caller)
  } catch (thrown) {
    const { code, message, cause } = toKerbsideError(thrown)
    parts.log.error({ what, code, cause: cause instanceof Error ? cause.message : undefined }, message)
    asked('unavailable')
    return reply.code(503).send({ message: 'it cannot be found out now who asks; try again' })
  }
  asked(refusal?.reason ?? 'served')
  if (refusal === undefined) return reply
  const { reason, detail } = refusal
  parts.log.warn({ what, reason, detail, identity, peer: request.ip }, 'sidecar refused')
  parts.onRefused?.(what, identity, refusal)
  if (STATUS[reason] === 401) reply.header('www-authenticate', 'Bearer')
  return reply.code(STATUS[reason]).send({ reason, message: BROKER_REASONS[reason] })
}

async function recognise(request: FastifyRequest, identity: string, parts: ServerParts): Promise<Caller | Refusal> {
  const token = /^Bearer ([\w.~+/=-]+)$/i.exec(request.headers.authorization ?? '')?.[1]
  return token === undefined ? refuse('no-token', 'no bearer token') : await parts.recognise({ token, identity })
}

type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply }

function beginStream(
  caller: Caller,
  { request, reply }: Exchange,
  { streams, log, formats = [SLICE_FORMAT] }: ServerParts,
): Refusal | undefined {
  const asked = askedFormat(request.headers[SLICE_FORMAT_HEADER])
  if (asked === undefined || !formats.includes(asked)) {
    return refuse('slice-format', `it reads format ${asked ?? 'of no number'}, and there is ${formats.join(', ')}`)
  }
  const { namespace, pod, serviceAccount, identity, owner } = caller
  return streams.open(caller, () => {
    // From here on the answer is a stream of our own, which fastify does not touch.
    reply.hijack()
    reply.raw.writeHead(200, {
      'content-type': 'application/x-ndjson',
      'cache-control': 'no-store',
      ...(owner === undefined ? {} : { [OWNER_HEADER]: writeOwner(owner) }),
    })
    reply.raw.on('close', () => log.info({ namespace, pod, identity }, 'sidecar gone'))
    log.info({ namespace, pod, serviceAccount, identity }, 'sidecar served')
    return reply.raw
  })
}

async function handOut(caller: Caller, reply: FastifyReply, { secrets }: ServerParts): Promise<Refusal | undefined> {
  if (secrets === undefined) throw new KerbsideError('not-ready', 'this broker has no secret store: give --secrets')
  const out = await secrets.handOut(caller)
  if ('reason' in out) return out
  reply.hijack()
  giveSecrets(reply.raw, out)
  return undefined
}

const EVENT_STATUS = { posted: 204, 'too-many': 429, 'not-understood': 400 } as const satisfies Record<Posted, number>

async function postEvent(
  caller: Caller,
  { body }: FastifyRequest,
  reply: FastifyReply,
  { events }: ServerParts,
): Promise<undefined> {
  // Without an API server there is nowhere to post it.
  const posted = await events?.post(caller, body)
  reply.code(posted === undefined ? 404 : EVENT_STATUS[posted]).send()
  return undefined
}
