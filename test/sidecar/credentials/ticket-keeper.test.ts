/** The keeper of tickets over days of fake time, with logins that fail on purpose; real ones are in test/e2e/credentials. */
import { expect, test } from 'vitest'
import type { Acquired } from '../../../sidecar/credentials/acquire.ts'
import { TicketKeeper } from '../../../sidecar/credentials/ticket-keeper.ts'
import { type ErrorCode, KerbsideError } from '../../../src/core/errors.ts'
import { FakeTime, settle } from './fake-time.ts'

const HOUR = 3_600_000

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
    ...time,
  })
  return { time, keeper, logins, failures, mostAtOnce: () => mostAtOnce }
}

const ticketOf = (time: FakeTime, life: number): Acquired => ({
  expiresAt: time.now + life,
  kvno: 1,
  caPem: '',
  warnings: [],
})
const fail = (code: ErrorCode) => Promise.reject(new KerbsideError(code, `${code} on purpose`))

test('a ticket of ten hours is refreshed every five, for a week, one login at a time', async () => {
  const { time, keeper, logins, mostAtOnce } = kept(async (time) => ticketOf(time, 10 * HOUR))
  for (let hour = 0; hour < 7 * 24; hour++) {
    await time.pass(HOUR)
    expect(keeper.status().state).toBe('ready')
  }
  expect(logins.length).toBe(1 + Math.floor((7 * 24) / 5))
  expect(mostAtOnce()).toBe(1)
  await keeper.close()
})

test('while the KDC is away the ticket is stale, then expired; when it is back, ready again', async () => {
  let isAway = false
  const { time, keeper } = kept(async (time) => (isAway ? fail('kdc-unreachable') : ticketOf(time, 10 * HOUR)))
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

test('it never gives up, and never asks more than once a minute for long', async () => {
  const { time, keeper, logins } = kept(() => fail('kdc-unreachable'))
  await time.pass(24 * HOUR)
  expect(logins.length).toBeGreaterThan(24 * 20)
  expect(logins.length).toBeLessThan(24 * 60)
  await keeper.close()
})

test('a key that the KDC refuses is shown three times, then four times an hour', async () => {
  const { time, keeper, logins } = kept(() => fail('kerberos-refused'))
  await time.pass(60_000)
  expect(logins.length).toBe(3)
  await time.pass(HOUR)
  expect(logins.length).toBe(3 + 4)
  expect(keeper.status().state).toBe('pending')
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
    ...time,
  })
  await time.pass(24 * HOUR)
  expect(logins).toBe(1)
  await keeper.close()
})

test('a ticket that HDFS does not take is replaced early, but not again and again', async () => {
  const { time, keeper, logins } = kept(async (time) => ticketOf(time, 10 * HOUR))
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
