/** Laws of showing a key that was refused: three times, then four times an hour, whoever asks and however often. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { heldBackMs, type Refused, refusedAgain } from '../../../src/core/kerberos/lockout.ts'

const MINUTE = 60_000
const REFUSAL = { message: 'the KDC has another key' }

/** How often a keytab is shown to a KDC that always refuses, when it is asked for at these moments. */
function shown(moments: readonly number[], fingerprintAt: (now: number) => string): number[] {
  const times: number[] = []
  let refused: Refused | undefined
  for (const now of moments) {
    if (heldBackMs(refused, fingerprintAt(now), now) > 0) continue
    times.push(now)
    refused = refusedAgain(refused, { ...REFUSAL, fingerprint: fingerprintAt(now), lastAt: now })
  }
  return times
}

test('however often it is asked for, a keytab is shown three times and then once in 15 minutes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 24 * 60 * MINUTE }), { maxLength: 500 }), (moments) => {
      const times = shown(
        moments.toSorted((one, other) => one - other),
        () => 'same',
      )
      for (const [index, time] of times.entries()) {
        const before = times[index - 1] ?? Number.NEGATIVE_INFINITY
        if (index >= 3) expect(time - before).toBeGreaterThanOrEqual(15 * MINUTE)
      }
    }),
  )
})

test('asked for every second for a day, it is shown 3 times and then 4 times an hour, no less', () => {
  const everySecond = Array.from({ length: 24 * 3600 }, (_, second) => second * 1000)
  expect(shown(everySecond, () => 'same')).toHaveLength(3 + 24 * 4 - 1)
})

test('another keytab is shown at once, and its own three times are counted anew', () => {
  const everySecond = Array.from({ length: 120 }, (_, second) => second * 1000)
  const times = shown(everySecond, (now) => (now < MINUTE ? 'old' : 'new'))
  expect(times).toEqual([0, 1000, 2000, 60_000, 61_000, 62_000])
})

test('a time that lies ahead, from a clock that began anew, holds nothing back for longer than 15 minutes', () => {
  const refused = { ...REFUSAL, fingerprint: 'same', count: 3, lastAt: 1e12 }
  expect(heldBackMs(refused, 'same', 0)).toBe(15 * MINUTE)
})
