/** Pods that failed together do not come back together: the first try is at once, and each next one spread over as long as it is late. */
import { expect, test } from 'vitest'
import { type BackOff, backOffMs } from '../../src/core/back-off.ts'

const PACE: BackOff = { firstMs: 2000, longestMs: 120_000 }
const PODS = 200
const PARTS = 10

/** When each of many comes back that failed at the same moment, with chances as even as chance is among many. */
const comingBack = (count: number) => Array.from({ length: PODS }, (_, pod) => backOffMs(PACE, count, pod / PODS))

test.each([1, 2, 3, 6, 7, 50])('two hundred that failed %i times come back evenly over half of the wait', (count) => {
  const longest = Math.min(PACE.firstMs * 2 ** (count - 1), PACE.longestMs)
  const arrivals = comingBack(count)
  expect(Math.min(...arrivals)).toBeGreaterThanOrEqual(longest / 2)
  expect(Math.max(...arrivals)).toBeLessThan(longest)
  for (let part = 0; part < PARTS; part++) {
    const from = (longest / 2) * (1 + part / PARTS)
    const inPart = arrivals.filter((at) => at >= from && at < from + longest / 2 / PARTS)
    expect(inPart.length).toBeLessThanOrEqual(PODS / PARTS + 1)
  }
})
