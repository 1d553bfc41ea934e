/**
 * Events on pods, in front of an API server that only counts: what may be told, and how often. That a real one takes them is
 * proved in test/e2e/broker/pod-events.test.ts.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Caller } from '../../src/broker/caller.ts'
import { eventOn, podEvents } from '../../src/broker/pod-events.ts'
import { readToldChange, type ToldChange, writeToldChange } from '../../src/core/kerberos/told-change.ts'

const NOW = Date.UTC(2026, 10, 25)
const MINUTE = 60_000
const caller = (podUid = 'uid-1'): Caller => ({
  namespace: 'ml-quant',
  serviceAccount: 'trainer',
  pod: 'train-0',
  podUid,
  identity: 'quant-research',
  expiresAt: NOW,
})
const STALE: ToldChange = {
  kind: 'ticket',
  state: 'stale',
  code: 'kdc-unreachable',
  detail: 'no KDC answers',
  expiresAt: NOW,
}

function desk(createEvent: (namespace: string, event: object) => Promise<void> = async () => undefined) {
  const time = { now: NOW }
  return { time, events: podEvents({ api: { createEvent }, clock: () => time.now }) }
}

test('an Event names the pod by its uid, why, until when, and what to do', () => {
  expect(eventOn(caller(), STALE, NOW)).toMatchInlineSnapshot(`
    {
      "apiVersion": "v1",
      "count": 1,
      "firstTimestamp": "2026-11-25T00:00:00Z",
      "involvedObject": {
        "apiVersion": "v1",
        "kind": "Pod",
        "name": "train-0",
        "namespace": "ml-quant",
        "uid": "uid-1",
      },
      "kind": "Event",
      "lastTimestamp": "2026-11-25T00:00:00Z",
      "message": "ticket is stale, until 2026-11-25T00:00:00.000Z: no KDC answers",
      "metadata": {
        "generateName": "train-0.kerbside-",
        "namespace": "ml-quant",
      },
      "reason": "KerberosTicketStale",
      "source": {
        "component": "kerbside",
      },
      "type": "Warning",
    }
  `)
})

test('what is written is read; what is not understood is nothing', () => {
  expect(readToldChange(JSON.parse(writeToldChange(STALE)))).toEqual(STALE)
  for (const nothing of [undefined, null, 'ticket', [], {}, { kind: 'ticket' }, { kind: 'keytab', state: 'stale' }]) {
    expect(readToldChange(nothing)).toBeUndefined()
  }
})

test('whatever a pod tells, the Event fits, is printable, and is on that pod', async () => {
  const anything = fc.record({
    kind: fc.constantFrom('ticket', 'delegation token'),
    state: fc.constantFrom('pending', 'ready', 'stale', 'expired'),
    code: fc.anything(),
    detail: fc.oneof(fc.anything(), fc.string({ unit: 'binary', maxLength: 5000 })),
    expiresAt: fc.oneof(fc.double(), fc.anything()),
    involvedObject: fc.anything(),
  })
  await fc.assert(
    fc.asyncProperty(anything, async (told) => {
      const posted: object[] = []
      const { events } = desk(async (namespace, event) => void posted.push({ namespace, ...event }))
      expect(await events.post(caller(), told)).toBe('posted')
      const [event] = posted as [{ message: string; namespace: string; involvedObject: object }]
      expect(event.message.length).toBeLessThanOrEqual(1024)
      expect(event.message).toMatch(/^[\x20-\x7e]+$/)
      expect(event.namespace).toBe('ml-quant')
      expect(event.involvedObject).toMatchObject({ kind: 'Pod', name: 'train-0', uid: 'uid-1' })
    }),
  )
})

test('a pod may tell four at once and then one a minute, whatever other pods do', async () => {
  const { time, events } = desk()
  const tell = async (podUid: string, times: number) => {
    const posted = await Promise.all(Array.from({ length: times }, () => events.post(caller(podUid), STALE)))
    return posted.filter((one) => one === 'posted').length
  }
  expect([await tell('noisy', 8), await tell('noisy', 8), await tell('quiet', 1)]).toEqual([4, 0, 1])
  time.now += MINUTE - 1
  expect(await tell('noisy', 8)).toBe(0)
  time.now += 1
  expect(await tell('noisy', 8)).toBe(1)
  time.now += 60 * MINUTE
  expect(await tell('noisy', 8)).toBe(4)
})

test('all pods together have eight under way, so that an API server that hangs holds no more of us', async () => {
  const ends: (() => void)[] = []
  const { events } = desk(() => new Promise((resolve) => ends.push(resolve)))
  const told = Array.from({ length: 100 }, (_, number) => events.post(caller(`uid-${number}`), STALE))
  await Promise.resolve()
  expect(ends).toHaveLength(8)
  for (const end of ends) end()
  const counts = Map.groupBy(await Promise.all(told), (posted) => posted)
  expect([counts.get('posted')?.length, counts.get('too-many')?.length]).toEqual([8, 92])
  expect(await Promise.race([events.post(caller('later'), STALE), Promise.resolve('under way')])).toBe('under way')
})
