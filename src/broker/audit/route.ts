/** `POST /v1/audit`: batches of sidecars, each known by the pod that its service-account token is bound to, whatever that pod may do. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { DELIVERY_REASONS, MAX_BATCH_BYTES, readBatch } from '../../core/audit/delivery.ts'
import { toKerbsideError } from '../../core/errors.ts'
import { BROKER_REASONS } from '../../core/reasons.ts'
import type { RecogniseClaims } from '../claims.ts'
import type { BrokerServer } from '../server.ts'
import type { Intake } from './intake.ts'

export type AuditRouteParts = {
  readonly intake: Intake
  readonly writers: RecogniseClaims
  readonly log: Pick<Logger, 'warn' | 'error'>
  /** Outcome from a closed list: taken, again, unavailable, or why it was refused. */
  readonly onBatch: (outcome: string) => void
}

/** Before the server listens. */
export function addAuditRoute(server: BrokerServer, parts: AuditRouteParts): void {
  server.addContentTypeParser(
    'application/x-ndjson',
    { parseAs: 'string', bodyLimit: MAX_BATCH_BYTES },
    (_, body, done) => done(null, body),
  )
  server.post('/v1/audit', { bodyLimit: MAX_BATCH_BYTES }, (request, reply) => take(request, reply, parts))
}

async function take(request: FastifyRequest, reply: FastifyReply, parts: AuditRouteParts): Promise<FastifyReply> {
  const { intake, writers, log, onBatch } = parts
  const refuse = (status: number, reason: string, message: string, detail: string) => {
    onBatch(reason)
    log.warn({ what: 'audit', reason, detail, peer: request.ip }, 'records refused')
    return reply.code(status).send({ reason, message })
  }
  try {
    const token = /^Bearer ([\w.~+/=-]+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) return refuse(401, 'no-token', BROKER_REASONS['no-token'], '')
    const claims = await writers(token)
    if ('reason' in claims) {
      const status = claims.reason === 'bad-token' ? 401 : 403
      return refuse(status, claims.reason, BROKER_REASONS[claims.reason], claims.detail)
    }
    const batch = readBatch(typeof request.body === 'string' ? request.body : '')
    const verdict = 'rejected' in batch ? batch : await intake.take(batch, claims)
    if ('rejected' in verdict) {
      const detail = `${claims.namespace}/${claims.pod}: ${verdict.detail}`
      return refuse(422, verdict.rejected, DELIVERY_REASONS[verdict.rejected], detail)
    }
    if ('again' in verdict) {
      onBatch('again')
      return reply.code(409).send({ next: verdict.again })
    }
    onBatch('taken')
    return reply.code(200).send({ next: verdict.next })
  } catch (thrown) {
    const { code, message } = toKerbsideError(thrown)
    log.error({ what: 'audit', code }, message)
    onBatch('unavailable')
    return reply.code(503).send({ message: 'records cannot be taken in now; keep them and try again' })
  }
}
