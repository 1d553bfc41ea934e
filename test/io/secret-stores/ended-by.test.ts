/** The end that a caller sets: nothing of a store comes after it, whatever the store still does. */
import { expect, test, vi } from 'vitest'
import { endedBy } from '../../../src/io/secret-stores/ended-by.ts'

const TOO_LATE = { code: 'secret-unavailable', message: 'the secret store does not answer in time' }

test('work that goes on after the end is not waited for', async () => {
  const caller = new AbortController()
  const work = endedBy(caller.signal, () => new Promise(() => {}))
  caller.abort()
  await expect(work).rejects.toMatchObject(TOO_LATE)
})

test('an answer, or a failure, that arrives after the end is nobody’s', async () => {
  for (const settle of ['resolve', 'reject'] as const) {
    const caller = new AbortController()
    const { promise, ...store } = Promise.withResolvers<string>()
    const work = endedBy(caller.signal, () => promise)
    caller.abort()
    store[settle]('canary')
    await expect(work).rejects.toMatchObject(TOO_LATE)
  }
})

test('nothing is asked of a store once the end has come', async () => {
  const ask = vi.fn(async () => 'canary')
  await expect(endedBy(AbortSignal.abort(), ask)).rejects.toMatchObject(TOO_LATE)
  expect(ask).not.toHaveBeenCalled()
})

test('what is done in time is given, and what fails in time is told as it failed', async () => {
  const { signal } = new AbortController()
  expect(await endedBy(signal, async () => 'given')).toBe('given')
  const why = new Error('as it failed')
  await expect(endedBy(signal, () => Promise.reject(why))).rejects.toBe(why)
})
