/** WebHDFS on 127.0.0.1, the only way from the pod to HDFS. A parts list: the walk of a request is in walk.ts. */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Who } from '../../src/core/audit/record.ts'
import { KerbsideError, toKerbsideError } from '../../src/core/errors.ts'
import { tellDenial, tellError } from '../../src/core/hdfs/remote-exception.ts'
import type { AuditLog, ClusterTrust, CurrentSlice, DelegationTokens } from '../ports.ts'
import { Agents } from './agents.ts'
import { type Counters, Tally } from './counters.ts'
import type { Gate, Warn } from './gate.ts'
import { connectHdfs } from './hdfs.ts'
import { listen } from './http-server.ts'
import { LIMITS, type Limits } from './limits.ts'
import { fromThisHost } from './peer.ts'
import { type Rules, rulesOf } from './rules.ts'
import { type Judge, OpenStreams } from './streams.ts'
import { walk } from './walk.ts'

export type GatewayOptions = {
  /** 0 for any free one. */
  readonly port: number
  readonly slice: CurrentSlice
  readonly tokens: DelegationTokens
  readonly trust: () => ClusterTrust
  readonly audit: AuditLog
  readonly who: () => Who
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly log: { readonly warn: Warn }
  readonly limits?: Partial<Limits>
}

export type Gateway = {
  readonly port: number
  counters(): Counters
  /** Takes no new request, lets running transfers go on for a while, then cuts them. */
  close(): Promise<void>
}

/** @throws KerbsideError `port-taken` */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { slice, tokens, audit, who, clock, log } = options
  const limits = { ...LIMITS, ...options.limits }
  const agents = new Agents(options.trust)
  const tally = new Tally()
  const rules = rulesOf(slice, clock)
  const streams = new OpenStreams(judgeBy(rules))
  const hdfs = connectHdfs(slice, tokens, agents, limits)
  const parts = { rules, hdfs, audit, who, streams, tally, warn: log.warn, mayConnect: fromThisHost }
  const nextOperationId = operationIds()

  const walks = new Set<Promise<unknown>>()
  const server = await listen(options.port, limits, (client) => {
    const gate: Gate = { ...parts, port: client.request.socket.localPort ?? options.port, nextOperationId }
    const walking = walk(gate, client)
      .catch(() => client.response.destroy())
      .finally(() => walks.delete(walking))
    walks.add(walking)
  })
  const stopListening = slice.onChange(() => streams.recheck())
  const timer = setInterval(() => streams.recheck(), limits.recheckMs)
  timer.unref()

  return {
    port: server.port,
    counters: () => tally.read(streams.size),
    async close() {
      clearInterval(timer)
      stopListening()
      server.refuseNew()
      await within(limits.closeMs, walks)
      // A short upload is removed and every end recorded, so HDFS and the audit log are needed a little longer.
      streams.cutAll(tellError(new KerbsideError('not-ready', 'the gateway stops')))
      await within(limits.cutMs, walks)
      await server.end()
      agents.close()
    },
  }
}

/** Resolves when all have settled, or when the time is over. */
async function within(ms: number, walks: ReadonlySet<Promise<unknown>>): Promise<void> {
  const over = new AbortController()
  await Promise.race([Promise.all(walks), pause(ms, undefined, { signal: over.signal }).catch(() => {})])
  over.abort()
}

/** Without rules nothing is allowed, so a slice that is gone cuts every stream. */
function judgeBy(rules: () => Rules): Judge {
  return (demands) => {
    try {
      const { slice, decide } = rules()
      const decision = decide(demands)
      if (decision.effect === 'allow') return undefined
      return { told: tellDenial(slice.identity, decision), reason: decision.reason }
    } catch (thrown) {
      return { told: tellError(toKerbsideError(thrown)), reason: 'no-policy' }
    }
  }
}

/** `k3v9x2ab-17`: a word for this run and a number in it. */
function operationIds(): () => string {
  const run = randomBytes(5).toString('hex')
  let last = 0
  return () => `${run}-${++last}`
}
