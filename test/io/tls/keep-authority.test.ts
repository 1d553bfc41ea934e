/** A program that follows an authority which others replace. The store is a value in memory; certificates are real. */
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { type Authority, type AuthorityStore, newAuthority } from '../../../src/io/tls/certificates.ts'
import { type KeptAuthority, keepAuthority } from '../../../src/io/tls/keep-authority.ts'

/** Looked at every 50 ms. */
const lives = { authoritySeconds: 10, leafSeconds: 10 }
const make = () => newAuthority(Date.now(), { authoritySeconds: 3600, leafSeconds: 10 })
let stored: Authority | undefined
let failure: Error | undefined
let kept: KeptAuthority | undefined
const store: AuthorityStore = {
  async read() {
    if (failure !== undefined) throw failure
    return stored
  },
  async create(authority) {
    stored = authority
    return true
  },
}
afterEach(() => {
  kept?.stop()
  stored = undefined
  failure = undefined
})

test('another one is taken over and told once; one that is broken, or gone, is not', async () => {
  const problems: string[] = []
  let changes = 0
  kept = await keepAuthority({ store, lives, onProblem: (problem) => problems.push(problem) })
  kept.onChange(() => {
    changes += 1
  })
  const first = kept.current()
  const second = await make()
  stored = { ...second, keyPem: first.keyPem }
  await expect.poll(() => problems).toEqual(['the certificate and the key of the authority do not belong together'])
  stored = { ...second, next: { ...(await make()), keyPem: 'x' } }
  await expect.poll(() => problems[1]).toBe('the certificate authority is not a certificate and a key')
  stored = undefined
  await wait(200)
  expect([kept.current(), changes]).toEqual([first, 0])
  stored = second
  await expect.poll(() => kept?.current()).toEqual(second)
  await wait(200)
  expect(changes).toBe(1)
})

test('what fails is told once for each reason, and what there was stays', async () => {
  const problems: string[] = []
  kept = await keepAuthority({ store, lives, onProblem: (problem) => problems.push(problem) })
  const first = kept.current()
  failure = new Error('no answer')
  await expect.poll(() => problems).toEqual(['no answer'])
  await wait(200)
  failure = new Error('another')
  await expect.poll(() => problems).toEqual(['no answer', 'another'])
  expect(kept.current()).toBe(first)
})

test('after its end nobody is asked any more', async () => {
  let looks = 0
  kept = await keepAuthority({ store, lives, attend: async () => void looks++, onProblem: () => {} })
  await expect.poll(() => looks).toBeGreaterThan(1)
  kept.stop()
  const before = looks
  await wait(200)
  expect(looks).toBeLessThanOrEqual(before + 1)
})
