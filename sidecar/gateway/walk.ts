/**
 * The walk of one request, top to bottom: parse → demands → decide → record → forward and filter → end record.
 * Whatever is thrown on the way to a decision ends in an answer of our own: nothing is forwarded by accident.
 */
import type { ShadowWhy, What, Why } from '../../src/core/audit/record.ts'
import { toKerbsideError } from '../../src/core/errors.ts'
import { limitRefusal, overruled } from '../../src/core/hdfs/limit-refusal.ts'
import { type Told, tellDenial, tellError, tellRefusal } from '../../src/core/hdfs/remote-exception.ts'
import {
  decisiveOf,
  demandsOf,
  type HdfsRequest,
  parseRequest,
  type RefusedRequest,
} from '../../src/core/hdfs/request.ts'
import { sentPath } from '../../src/core/hdfs/target.ts'
import type { Decision, ShadowDecision } from '../../src/core/policy/decision/decision.ts'
import type { Client } from './client.ts'
import { firstStep } from './first-step.ts'
import { askAhead, forward } from './forward.ts'
import type { Gate } from './gate.ts'
import { isFromPage, isOurHost } from './host.ts'
import { onRecord } from './on-record.ts'
import { toldOnly } from './outcome.ts'
import type { Rules } from './rules.ts'

/** Rejects only when not even an error can be told; then the connection is to be cut. */
export async function walk(gate: Gate, client: Client): Promise<void> {
  try {
    const rules = gate.rules()
    const request = parse(gate, client, rules)
    if ('refuse' in request) return await refuse(gate, client, rules, request)
    const decision = decide(rules, request, client.announcedBytes)
    const isAllowed = decision.effect === 'allow'
    const entry = { what: whatOf(gate, client, request, decision), why: whyOf(rules, decision) }
    if (isAllowed && request.operation.answeredBy === 'datanode' && request.step === 1) {
      const asked = firstStep(gate.hdfs, request, client)
      if ((await asked.catch(() => 'failed')) === undefined) return
      return await onRecord(gate, client, entry, async () => toldOnly(client.tell((await asked) as Told)))
    }
    const asked = isAllowed ? askAhead(gate, request) : undefined
    await onRecord(gate, client, entry, async () =>
      isAllowed
        ? forward(gate, client, { request, rules, asked })
        : toldOnly(client.tell(tellDenial(rules.slice.identity, decision as Decision))),
    )
  } catch (thrown) {
    const error = toKerbsideError(thrown)
    gate.tally.count('', 'error', error.code)
    gate.warn(error.message, error.cause)
    client.tell(tellError(error))
  }
}

function parse(gate: Gate, client: Client, { slice }: Rules): HdfsRequest | RefusedRequest {
  const request = parseRequest(client.method, client.rawTarget, slice.cluster)
  const because = (refuse: RefusedRequest['refuse']): RefusedRequest =>
    'refuse' in request
      ? { ...request, refuse }
      : { refuse, operation: request.operation.name, path: sentPath(request.target) }
  if (!gate.mayConnect(client.request.socket)) return because('foreign-peer')
  if (!isOurHost(client.request.headersDistinct, gate.port, slice.cluster.nameservice)) return because('bad-host')
  if (isFromPage(client.request.headers)) return because('web-page')
  return request
}

type Verdict = Pick<Decision, 'effect' | 'reason' | 'grants' | 'dataset' | 'shadow'>

/** What no path is asked for is answered without policy; everything else is put to it. */
function decide(rules: Rules, request: HdfsRequest, bodyBytes: number): Verdict | Decision {
  const { free } = request.operation
  if (free !== undefined) return { effect: 'allow', reason: free, grants: [] }
  const decision = rules.decide(demandsOf(request))
  const refusal = limitRefusal(rules.limitsAt(request.target.path), request, bodyBytes)
  return { ...decision, ...overruled(decision, refusal, rules.slice.mode) }
}

function whatOf(gate: Gate, client: Client, request: HdfsRequest, { dataset }: Verdict): What {
  const { operation, target, destination } = request
  const parameters = decisiveOf(request)
  return {
    operationId: gate.nextOperationId(),
    operation: operation.name,
    path: sentPath(target),
    ...(destination === undefined ? {} : { destination: sentPath(destination) }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(dataset === undefined ? {} : { dataset }),
    ...clientOf(client),
  }
}

const whyOf = ({ slice }: Rules, { shadow, ...verdict }: Verdict): Why => ({
  ...saidOf(verdict),
  bundle: slice.bundle,
  ...(shadow === undefined ? {} : { shadow: saidOf(shadow) }),
})

const saidOf = ({ effect, reason, grants }: ShadowDecision): ShadowWhy => ({
  effect,
  reason,
  grants: grants.map(({ name, at }) => `${name}@${at}`),
})

const METHODS = ['GET', 'PUT', 'POST', 'DELETE']

/** A request that never reaches policy is recorded like any other "no". */
async function refuse(gate: Gate, client: Client, rules: Rules, request: RefusedRequest): Promise<void> {
  const { refuse: reason, operation, path } = request
  const what = {
    operationId: gate.nextOperationId(),
    operation: operation.slice(0, 64),
    path: path.slice(0, 1024),
    ...clientOf(client),
  }
  const why: Why = { effect: 'deny', reason, grants: [], bundle: rules.slice.bundle }
  await onRecord(gate, client, { what, why }, async () => {
    const told = tellRefusal(operation, reason)
    if (METHODS.includes(client.method)) return toldOnly(client.tell(told))
    const notAllowed: Told = { status: 405, body: told.body }
    return toldOnly(client.tell(notAllowed, { allow: METHODS.join(', ') }))
  })
}

function clientOf({ request }: Client): { client?: string } {
  const agent = request.headers['user-agent']
  return agent === undefined ? {} : { client: agent.slice(0, 128) }
}
