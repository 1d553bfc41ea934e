/** A clock that cannot have been right is found by its own records, and by when brokers signed them. */
import { describe, expect, it } from 'vitest'
import { clockCheck, type SignedAt } from '../../../src/core/audit/clock-check.ts'

const NOON = Date.UTC(2026, 2, 2, 12)
const MINUTE = 60_000
const at = (minutes: number) => new Date(NOON + minutes * MINUTE).toISOString()
const check = (minutes: readonly number[], signed: readonly SignedAt[] = []) => {
  const clock = clockCheck(signed)
  for (const [sequence, minute] of minutes.entries()) clock.add({ sequence, time: at(minute) })
  return clock.found()
}

describe('a clock', () => {
  it('that goes forward, stands still or is stepped by a little is right', () => {
    expect(check([0, 1, 1, 60, 59.5, 60])).toEqual({})
  })

  it('that went back is found, where it went back the furthest', () => {
    expect(check([0, 10, 5, 100, 40, 50, 45])).toEqual({ back: { sequence: 4, ms: 60 * MINUTE } })
  })

  it('that is ahead of the checkpoint that signed its record is found; one that was signed late is right', () => {
    const signed = [
      { from: 0, to: 2, time: at(10) },
      { from: 2, to: 4, time: at(60) },
    ]
    expect(check([0, 1, 11, 59], signed)).toEqual({})
    expect(check([0, 12, 59, 100], signed)).toEqual({ ahead: { sequence: 3, ms: 40 * MINUTE } })
    expect(check([0, 9, 55, 56, 9999], signed)).toEqual({})
  })

  it('is judged by the broker that signed first, of two that signed the same', () => {
    const signed = [
      { from: 0, to: 9, time: at(90) },
      { from: 0, to: 2, time: at(5) },
    ]
    expect(check([0, 30, 40], signed)).toEqual({ ahead: { sequence: 1, ms: 25 * MINUTE } })
  })
})
