/** The fuzzer against the real NameNode: nothing gets past the gateway, and through a gateway with one mistake in it something does. */
import { expect, test } from 'vitest'
import { type FuzzOptions, fuzz } from '../../fuzz/fuzz.ts'
import { attach } from '../../lab/lab.ts'

const MOST_SECONDS = 60

function here() {
  const lab = attach()
  if (lab === undefined) throw new Error('these tests run inside the lab')
  return lab
}
const run = (options: Pick<FuzzOptions, 'seconds' | 'leastRequests' | 'weakening'>) =>
  fuzz(here(), { seed: 5, say: () => {}, ...options })

test('some thousand requests, and nothing gets past', async () => {
  const { violations, upstreamRequests, allowed, denied } = await run({ seconds: 5, leastRequests: 4000 })
  expect(violations).toEqual([])
  expect([upstreamRequests > 0, allowed > 0]).toEqual([true, true])
  // The grammar reaches what it is made for.
  const traps = ['dot-segment', 'double-encoding', 'reserved-path', 'no-dataset', 'denied-by-grant', 'protected-root']
  expect([...denied.keys()]).toEqual(expect.arrayContaining(traps))
}, 240_000)

test.each(['dot-segments', 'sibling-prefix'])(
  'a gateway with the mistake `%s` is found out, by one short request',
  async (weakening) => {
    const { violations, request } = await run({ seconds: MOST_SECONDS, weakening })
    expect(violations).not.toEqual([])
    expect(request?.length).toBeLessThan(200)
  },
  2 * MOST_SECONDS * 1000,
)
