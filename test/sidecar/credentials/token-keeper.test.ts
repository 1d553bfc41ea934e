/** The keeper of delegation tokens, with a NameNode made of promises; the real one is in test/e2e/credentials. */
import { expect, test, vi } from 'vitest'
import { type Exchange, TOKENS_END_MS, TokenKeeper } from '../../../sidecar/credentials/token-keeper.ts'
import { KerbsideError } from '../../../src/core/errors.ts'
import { CALLED_OFF_MS } from '../../../src/io/one-shot.ts'
import { FakeTime, settle } from './fake-time.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

function kept() {
  const time = new FakeTime()
  const exchanges: string[] = []
  const failures: string[] = []
  let issued = 0
  const world = {
    refuse: undefined as KerbsideError | undefined,
    hang: undefined as Promise<void> | undefined,
    untilCalledOff: false,
  }
  const maxAts = new Map<string, number>()
  const exchange = async (what: Exchange, signal: AbortSignal) => {
    exchanges.push(what.do === 'get' ? 'get' : `${what.do} ${what.token}`)
    await world.hang
    if (world.untilCalledOff) await calledOff(signal)
    if (world.refuse !== undefined) throw world.refuse
    const token = what.do === 'get' ? `token-${++issued}` : what.token
    const maxAt = maxAts.get(token) ?? time.now + 7 * DAY
    maxAts.set(token, maxAt)
    return { token, expiresAt: Math.min(time.now + DAY, maxAt), maxAt, sequenceNumber: issued }
  }
  const keeper = new TokenKeeper({
    exchange,
    onToken: () => undefined,
    onFailure: (what, error) => failures.push(`${what} ${error.code}`),
    onStatus: () => undefined,
    ...time,
  })
  return { time, keeper, exchanges, failures, world }
}

/** As of a process that is ended in the middle of its exchange. */
const calledOff = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new KerbsideError('internal', 'negotiate was called off')))
  })

const DOWN = new KerbsideError('hdfs-no-active', 'both are standby on purpose')

test('before there is one, the reason is told; afterwards it is given at once', async () => {
  const { keeper, world, time } = kept()
  world.refuse = DOWN
  await expect(keeper.current()).rejects.toMatchObject({ code: 'not-ready' })
  await settle()
  await expect(keeper.current()).rejects.toMatchObject({ code: 'hdfs-no-active' })
  world.refuse = undefined
  await time.pass(2000)
  expect(await keeper.current()).toBe('token-1')
})

test('over a month there is always a valid one, renewed daily and replaced weekly', async () => {
  const { time, keeper, exchanges } = kept()
  const seen = new Set<string>()
  for (let hour = 0; hour < 30 * 24; hour++) {
    await time.pass(HOUR)
    seen.add(await keeper.current())
    expect(keeper.status().expiresAt).toBeGreaterThan(time.now)
  }
  expect(seen.size).toBe(Math.ceil(30 / (7 * 0.875)))
  expect(exchanges.filter((one) => one.startsWith('renew')).length).toBeGreaterThan(30)
})

test('a failed renewal keeps the token to its last second, then nothing is given', async () => {
  const { time, keeper, world, failures } = kept()
  await settle()
  world.refuse = DOWN
  await time.pass(DAY - 1)
  expect(await keeper.current()).toBe('token-1')
  await time.pass(1)
  await expect(keeper.current()).rejects.toMatchObject({ code: 'hdfs-no-active' })
  expect(failures).toContain('renew hdfs-no-active')
  world.refuse = undefined
  await time.pass(120_000)
  expect(await keeper.current()).toBe('token-2')
})

test('a hundred that are refused at once cause one new token, and all get it', async () => {
  const { keeper, exchanges } = kept()
  await settle()
  const given = await Promise.all(Array.from({ length: 100 }, () => keeper.replace('token-1')))
  expect(new Set(given)).toEqual(new Set(['token-2']))
  expect(exchanges).toEqual(['get', 'get'])
  expect(await keeper.replace('token-1')).toBe('token-2')
  expect(exchanges).toEqual(['get', 'get'])
})

test('whoever asks while a refused token is replaced waits for the new one', async () => {
  const { keeper, world } = kept()
  await settle()
  let release = () => {}
  world.hang = new Promise((resolve) => {
    release = resolve
  })
  const replaced = keeper.replace('token-1')
  const asked = keeper.current()
  release()
  expect(await Promise.all([replaced, asked])).toEqual(['token-2', 'token-2'])
})

test('what comes of a renewal is nothing to the token that took the place of the renewed one meanwhile', async () => {
  const { time, keeper, exchanges, world } = kept()
  await settle()
  let end = () => {}
  world.hang = new Promise<void>((resolve) => (end = resolve))
  await time.pass(0.9 * DAY)
  expect(exchanges.at(-1)).toBe('renew token-1')
  world.hang = undefined
  expect(await keeper.replace('token-1')).toBe('token-2')
  end()
  await settle()
  expect(await keeper.current()).toBe('token-2')
  await keeper.close()
})

test('a NameNode that refuses every new token is not asked more than once in five seconds', async () => {
  const { keeper, exchanges, time } = kept()
  await settle()
  expect(await keeper.replace('token-1')).toBe('token-2')
  for (let attempt = 0; attempt < 50; attempt++) {
    await expect(keeper.replace('token-2')).rejects.toMatchObject({ code: 'hdfs-refused-us' })
  }
  expect(exchanges).toEqual(['get', 'get'])
  await time.pass(5000)
  expect(await keeper.replace('token-2')).toBe('token-3')
})

test('while no new token can be had, whoever is refused the old one is told why, and a new ticket ends it at once', async () => {
  const { keeper, exchanges, world } = kept()
  await settle()
  world.refuse = new KerbsideError('kdc-unreachable', 'the ticket has ended on purpose')
  for (let attempt = 0; attempt < 50; attempt++) {
    await expect(keeper.replace('token-1')).rejects.toMatchObject({ code: 'kdc-unreachable' })
  }
  expect(exchanges).toEqual(['get', 'get'])
  world.refuse = undefined
  keeper.retry()
  expect(await keeper.replace('token-1')).toBe('token-2')
})

test('a new ticket makes it try again at once', async () => {
  const { time, keeper, world } = kept()
  world.refuse = new KerbsideError('kerberos-failed', 'ticket expired on purpose')
  await time.pass(HOUR)
  world.refuse = undefined
  keeper.retry()
  await settle()
  expect(await keeper.current()).toBe('token-1')
})

test('on exit every token that still holds is cancelled, also one replaced before its end', async () => {
  const { time, keeper, exchanges } = kept()
  await time.pass(6.2 * DAY)
  const live = await keeper.current()
  await keeper.close()
  expect(live).toBe('token-2')
  expect(exchanges.filter((one) => one.startsWith('cancel'))).toEqual(['cancel token-2', 'cancel token-1'])
  await expect(keeper.current()).rejects.toMatchObject({ code: 'not-ready' })
})

test('on exit a token that has ended is not cancelled: nothing is left to cancel', async () => {
  const { time, keeper, exchanges, world } = kept()
  await settle()
  world.refuse = DOWN
  await time.pass(1.1 * DAY)
  world.refuse = undefined
  await keeper.close()
  expect(exchanges.filter((one) => one.startsWith('cancel'))).toEqual([])
})

test('an exit that cannot cancel says so, and ends', async () => {
  const { keeper, world, failures } = kept()
  await settle()
  world.refuse = DOWN
  await keeper.close()
  expect(failures).toEqual(['cancel hdfs-no-active'])
})

test('an exit waits for a NameNode that says nothing until the time of the cancellation is over, and not longer', async () => {
  const time = new AbortController()
  const within = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(time.signal)
  try {
    const { keeper, world, failures, exchanges } = kept()
    await settle()
    world.untilCalledOff = true
    const closing = keeper.close()
    await vi.waitFor(() => expect(exchanges.at(-1)).toBe('cancel token-1'))
    const [[withinMs = Number.NaN] = []] = within.mock.calls
    expect(withinMs).toBeLessThanOrEqual(TOKENS_END_MS - 2 * CALLED_OFF_MS)
    time.abort()
    await closing
    expect(failures).toEqual(['cancel internal'])
  } finally {
    within.mockRestore()
  }
})
