/** What a delegation token says of itself, and the laws of renewing and replacing it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KerbsideError } from '../../../src/core/errors.ts'
import { nextTokenStep, readTokenIdentifier } from '../../../src/core/hadoop/delegation-token.ts'

/** `WritableUtils.writeVLong` for numbers that are not negative. */
const vlong = (value: number) => {
  if (value < 0x80) return [value]
  const bytes: number[] = []
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return [0x90 - bytes.length, ...bytes]
}
const text = (value: string) => [...vlong(value.length), ...new TextEncoder().encode(value)]
const counted = (bytes: readonly number[]) => [...vlong(bytes.length), ...bytes]

const ISSUED = 1_795_632_000_123
const DAY = 86_400_000
const identifier = [
  0,
  ...text('quant'),
  ...text('quant'),
  ...text(''),
  ...vlong(ISSUED),
  ...vlong(ISSUED + 7 * DAY),
  ...vlong(300),
  ...vlong(2),
]
const token = [...counted(identifier), ...counted([1, 2, 3]), ...text('SWEBHDFS delegation'), ...text('ha-hdfs:lab')]

test('owner, renewer, dates and number are read', () => {
  expect(readTokenIdentifier(Uint8Array.from(token))).toEqual({
    owner: 'quant',
    renewer: 'quant',
    issuedAt: ISSUED,
    maxAt: ISSUED + 7 * DAY,
    sequenceNumber: 300,
  })
})

test('any bytes are answered by an identifier or by our own error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      try {
        readTokenIdentifier(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(KerbsideError)
      }
    }),
  )
  expect(() => readTokenIdentifier(Uint8Array.from([0x80]))).toThrow('negative')
})

const jitters = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const fresh = { issuedAt: ISSUED, renewedAt: ISSUED, expiresAt: ISSUED + DAY, maxAt: ISSUED + 7 * DAY }

test('it is renewed at three quarters of the interval, at most a twentieth earlier', () => {
  fc.assert(
    fc.property(jitters, (jitter) => {
      const step = nextTokenStep(fresh, ISSUED, jitter)
      expect(step.do).toBe('wait')
      const ms = step.do === 'wait' ? step.ms : 0
      expect(ms).toBeGreaterThanOrEqual(DAY * 0.7)
      expect(ms).toBeLessThanOrEqual(DAY * 0.75)
      expect(nextTokenStep(fresh, ISSUED + Math.ceil(ms), jitter)).toEqual({ do: 'renew' })
    }),
  )
})

test('kept by its own rule, a token never expires unreplaced', () => {
  fc.assert(
    fc.property(jitters, fc.integer({ min: 3_600_000, max: 3 * DAY }), (jitter, interval) => {
      let now = ISSUED
      let times = { ...fresh, expiresAt: Math.min(ISSUED + interval, fresh.maxAt) }
      for (let guard = 0; guard < 1000; guard++) {
        const step = nextTokenStep(times, now, jitter)
        expect(now).toBeLessThan(times.expiresAt)
        if (step.do === 'replace') {
          expect(now).toBeGreaterThanOrEqual(ISSUED + 7 * DAY * 0.85 - 1)
          return
        }
        if (step.do === 'wait') now += Math.max(1, Math.ceil(step.ms))
        else times = { ...times, renewedAt: now, expiresAt: Math.min(now + interval, times.maxAt) }
      }
      throw new Error('it was never replaced')
    }),
    { numRuns: 20 },
  )
})

test('a token that has expired is replaced, not renewed', () => {
  expect(nextTokenStep(fresh, fresh.expiresAt, 0)).toEqual({ do: 'replace' })
})
