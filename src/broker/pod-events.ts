/** Events on pods, told by their sidecars: `kubectl describe pod` then says why a job has no HDFS. They may be lost, and slow nobody. */
import { readToldChange, type ToldChange } from '../core/kerberos/told-change.ts'
import type { ApiServer } from './api-server.ts'
import type { Caller } from './caller.ts'

/** `too-many`: this pod, or all together, told too much. */
export type Posted = 'posted' | 'too-many' | 'not-understood'

export type PodEvents = {
  /** @throws KerbsideError `io-failed` */
  post(caller: Caller, told: unknown): Promise<Posted>
}

export type PodEventsOptions = {
  readonly api: Pick<ApiServer, 'createEvent'>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** A credential goes through all its states in less. */
const AT_ONCE = 4
const THEN_EVERY_MS = 60_000
/** Of all pods together: the API server has other things to do when a KDC is down for a thousand of them. */
const POSTING_AT_ONCE = 8
/** Pods whose events are counted; the one that told last stays longest. */
const MOST_PODS = 10_000

type Budget = { left: number; at: number }

export function podEvents({ api, clock }: PodEventsOptions): PodEvents {
  const budgets = new Map<string, Budget>()
  let posting = 0

  const mayPost = (podUid: string): boolean => {
    const now = clock()
    const before = budgets.get(podUid) ?? { left: AT_ONCE, at: now }
    const earned = Math.floor(Math.max(0, now - before.at) / THEN_EVERY_MS)
    const left = Math.min(AT_ONCE, before.left + earned)
    budgets.delete(podUid)
    budgets.set(podUid, { left: Math.max(0, left - 1), at: before.at + earned * THEN_EVERY_MS })
    if (budgets.size > MOST_PODS) budgets.delete(budgets.keys().next().value ?? '')
    return left > 0
  }

  return {
    async post(caller, told) {
      const change = readToldChange(told)
      if (change === undefined) return 'not-understood'
      if (posting >= POSTING_AT_ONCE || !mayPost(caller.podUid)) return 'too-many'
      posting++
      try {
        await api.createEvent(caller.namespace, eventOn(caller, change, clock()))
        return 'posted'
      } finally {
        posting--
      }
    },
  }
}

/** An Event of API group core/v1. `reason` is a closed list: kind and state, such as `KerberosTicketStale`. */
export function eventOn({ namespace, pod, podUid }: Caller, change: ToldChange, now: number): object {
  const { kind, state, expiresAt, detail } = change
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z')
  const until = expiresAt === undefined ? '' : `, until ${new Date(expiresAt).toISOString()}`
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { generateName: `${pod.slice(0, 200)}.kerbside-`, namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name: pod, uid: podUid },
    type: state === 'ready' ? 'Normal' : 'Warning',
    reason: `${kind === 'ticket' ? 'KerberosTicket' : 'DelegationToken'}${state[0]?.toUpperCase()}${state.slice(1)}`,
    message: `${kind} is ${state}${until}${detail === undefined ? '' : `: ${detail}`}`,
    source: { component: 'kerbside' },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  }
}
