/** The keeper of tickets over days of fake time, with logins that fail on purpose; real ones are in test/e2e/credentials. */
import { expect, test } from 'vitest'
import type { Acquired } from '../../../sidecar/credentials/acquire.ts'
import { TicketKeeper } from '../../../sidecar/credentials/ticket-keeper.ts'
import { type ErrorCode, KerbsideError } from '../../../src/core/errors.ts'
import { FakeTime, settle } from './fake-time.ts'

const HOUR = 3_600_000
const SELDOM = Number.MAX_SAFE_INTEGER

function kept(login: (time: FakeTime, number: number) => Promise<Acquired>) {
  const time = new FakeTime()
  const logins: number[] = []
  const failures: string[] = []
  let running = 0
  let mostAtOnce = 0
  const keeper = new TicketKeeper({
    acquire: async () => {
      logins.push(time.now)
      running++
      mostAtOnce = Math.max(mostAtOnce, running)
      try {
        return await login(time, logins.length)
      } finally {
        running--
      }
    },
    onAcquired: () => undefined,
    onFailure: (error) => failures.push(error.code),
    onStatus: () => undefined,
    lookMs: SELDOM,
    ...time,
  })
  return { time, keeper, logins, failures, mostAtOnce: () => mostAtOnce }
}

const ticketOf = (life: number): Acquired => ({
  lifeMs: life,
  kvno: 1,
  version: '1',
  caPem: '',
  clockOffsetMs: 0,
  warnings: [],
})
const fail = (code: ErrorCode) => Promise.reject(new KerbsideError(code, `${code} on purpose`))

test('a ticket of ten hours is refreshed every five, for a week, one login at a time', async () => {
  const { time, keeper, logins, mostAtOnce } = kept(async () => ticketOf(10 * HOUR))
  for (let hour = 0; hour < 7 * 24; hour++) {
    await time.pass(HOUR)
    expect(keeper.status().state).toBe('ready')
  }
  expect(logins.length).toBe(1 + Math.floor((7 * 24) / 5))
  expect(mostAtOnce()).toBe(1)
  await keeper.close()
})

test('nothing is done with a ticket once it has ended, and the reason is that of the last try', async () => {
  let isAway = false
  const { time, keeper } = kept(async () => (isAway ? fail('kdc-unreachable') : ticketOf(10 * HOUR)))
  await time.pass(HOUR)
  isAway = true
  await time.pass(8 * HOUR)
  expect(() => keeper.assertHolds()).not.toThrow()
  await time.pass(HOUR)
  expect(() => keeper.assertHolds()).toThrow('kdc-unreachable on purpose')
  isAway = false
  await time.pass(HOUR)
  expect(() => keeper.assertHolds()).not.toThrow()
  await keeper.close()
})

test('while the KDC is away the ticket is stale, then expired; when it is back, ready again', async () => {
  let isAway = false
  const { time, keeper } = kept(async () => (isAway ? fail('kdc-unreachable') : ticketOf(10 * HOUR)))
  await settle()
  isAway = true
  await time.pass(6 * HOUR)
  expect(keeper.status()).toMatchObject({ state: 'stale', lastError: { code: 'kdc-unreachable' } })
  await time.pass(4 * HOUR)
  expect(keeper.status().state).toBe('expired')
  isAway = false
  await time.pass(120_000)
  expect(keeper.status()).toMatchObject({ state: 'ready', lastError: undefined })
  await keeper.close()
})

test('a login that failed is tried again as a login, whatever chance draws next: that the keytab is unchanged mends nothing', async () => {
  const time = new FakeTime()
  // The second is drawn for the ticket, which is refreshed as early as may be; later ones would put that off.
  const draws = [0.5, 0]
  let isAway = false
  const keeper = new TicketKeeper({
    acquire: async (_signal, { unlessUnchanged }) => {
      if (unlessUnchanged) return 'unchanged'
      return isAway ? fail('kdc-unreachable') : ticketOf(10 * HOUR)
    },
    onAcquired: () => undefined,
    onFailure: () => undefined,
    onStatus: () => undefined,
    lookMs: HOUR,
    ...time,
    chance: () => draws.shift() ?? 0.99,
  })
  await settle()
  isAway = true
  await time.pass(5 * HOUR)
  expect(keeper.status()).toMatchObject({ state: 'stale', lastError: { code: 'kdc-unreachable' } })
  await keeper.close()
})

test('it never gives up, and never asks more than once a minute for long', async () => {
  const { time, keeper, logins } = kept(() => fail('kdc-unreachable'))
  await time.pass(24 * HOUR)
  expect(logins.length).toBeGreaterThan(24 * 20)
  expect(logins.length).toBeLessThan(24 * 60)
  await keeper.close()
})

test('the store is looked into between logins: what is unchanged costs no login, what is new is proved at once', async () => {
  const time = new FakeTime()
  const asked: boolean[] = []
  let version = '1'
  const keeper = new TicketKeeper({
    acquire: async (_, { unlessUnchanged }) => {
      asked.push(unlessUnchanged)
      return unlessUnchanged && version === '1' ? 'unchanged' : { ...ticketOf(10 * HOUR), version }
    },
    onAcquired: () => undefined,
    onFailure: () => expect.unreachable(),
    onStatus: () => undefined,
    lookMs: 5 * 60_000,
    ...time,
  })
  await time.pass(HOUR - 1)
  expect(asked).toEqual([false, ...Array.from({ length: 11 }, () => true)])
  const { issuedAt } = keeper.status()
  version = '2'
  await time.pass(5 * 60_000)
  expect(keeper.status().issuedAt).toBeGreaterThan(issuedAt ?? Number.POSITIVE_INFINITY)
  await keeper.close()
})

test('a clock that was set, or a machine that slept, means a login at once, also while one waits after a failure', async () => {
  let isAway = false
  const { time, keeper, logins } = kept(async () => (isAway ? fail('kdc-unreachable') : ticketOf(10 * HOUR)))
  await time.pass(HOUR)
  keeper.refresh()
  await time.pass(0)
  expect(logins).toHaveLength(2)
  isAway = true
  keeper.refresh()
  await time.pass(20 * 60_000)
  expect(keeper.status().state).toBe('stale')
  isAway = false
  keeper.refresh()
  await time.pass(0)
  expect(keeper.status()).toMatchObject({ state: 'ready', issuedAt: time.now })
  await keeper.close()
})

test('a login that never ends holds up the next one, not the close', async () => {
  const time = new FakeTime()
  let logins = 0
  const keeper = new TicketKeeper({
    acquire: (signal) => {
      logins++
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
    },
    onAcquired: () => undefined,
    onFailure: () => expect.unreachable('a login that we called off is no failure'),
    onStatus: () => undefined,
    lookMs: SELDOM,
    ...time,
  })
  await time.pass(24 * HOUR)
  expect(logins).toBe(1)
  await keeper.close()
})

test('it is closed only once the login that was called off has ended: they share the folder that is then removed', async () => {
  let end = () => {}
  const { keeper } = kept(async () => {
    await new Promise<void>((resolve) => (end = resolve))
    return ticketOf(10 * HOUR)
  })
  await settle()
  let isClosed = false
  const closing = keeper.close().then(() => (isClosed = true))
  await settle()
  expect(isClosed).toBe(false)
  end()
  await closing
})

test('a ticket that HDFS does not take is replaced early, but not again and again', async () => {
  const { time, keeper, logins } = kept(async () => ticketOf(10 * HOUR))
  await time.pass(HOUR)
  for (let minute = 0; minute < 30; minute++) {
    keeper.distrust(new KerbsideError('kerberos-failed', 'on purpose'))
    await time.pass(60_000)
  }
  expect(logins.length).toBeGreaterThan(1)
  expect(logins.length).toBeLessThanOrEqual(1 + 30 / 5)
  expect(keeper.status().state).toBe('ready')
  await keeper.close()
})
