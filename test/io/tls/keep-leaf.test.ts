/** A server's certificate over weeks. Only the clock is faked: certificates and keys are real. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type Authority, ensureAuthority, type Leaf } from '../../../src/io/tls/certificates.ts'
import { type KeptLeaf, keepLeaf } from '../../../src/io/tls/keep-leaf.ts'

const DAY_MS = 86_400_000
let authority: Authority
let kept: KeptLeaf | undefined
beforeAll(async () => {
  authority = await ensureAuthority({ read: async () => undefined, create: async () => true }, Date.now())
})
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
})
afterEach(() => {
  kept?.stop()
  vi.useRealTimers()
})

/** Lets real work, such as making a key, come to its end. */
async function settled(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000 && !done(); turn += 1) await nextTurn()
  expect(done()).toBe(true)
}

test('a leaf is replaced at two thirds of its life, not before, and again', async () => {
  const used: Leaf[] = []
  kept = await keepLeaf({
    authority: () => authority,
    names: ['localhost'],
    use: (leaf) => used.push(leaf),
    onProblem: () => {},
  })
  vi.advanceTimersByTime(20 * DAY_MS - 1000)
  await nextTurn()
  expect(used.length).toBe(1)
  vi.advanceTimersByTime(2000)
  await settled(() => used.length === 2)
  vi.advanceTimersByTime(20 * DAY_MS)
  await settled(() => used.length === 3)
  expect(new Set(used.map(({ certificatePem }) => certificatePem)).size).toBe(3)
})

test('what fails is told, and tried again every minute while the old leaf still holds', async () => {
  const used: Leaf[] = []
  const problems: unknown[] = []
  let isBroken = false
  const fragile: Authority = {
    certificatePem: authority.certificatePem,
    get keyPem() {
      return isBroken ? 'no key' : authority.keyPem
    },
  }
  const onProblem = (thrown: unknown) => problems.push(thrown)
  kept = await keepLeaf({ authority: () => fragile, names: ['localhost'], use: (leaf) => used.push(leaf), onProblem })
  isBroken = true
  vi.advanceTimersByTime(20 * DAY_MS)
  await settled(() => problems.length === 1)
  vi.advanceTimersByTime(60_000)
  await settled(() => problems.length === 2)
  isBroken = false
  vi.advanceTimersByTime(60_000)
  await settled(() => used.length === 2)
})

test('after its end nothing is issued any more', async () => {
  const used: Leaf[] = []
  const { stop } = await keepLeaf({
    authority: () => authority,
    names: ['localhost'],
    use: (leaf) => used.push(leaf),
    onProblem: () => {},
  })
  stop()
  vi.advanceTimersByTime(60 * DAY_MS)
  await nextTurn()
  expect(used.length).toBe(1)
})
