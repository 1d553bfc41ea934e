/** Hours of the week by the clock of a zone: over midnight, over the change to summer, and at the minute. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stretchAround } from '../../../../src/core/policy/decision/in-force.ts'
import {
  DAYS,
  formatWindow,
  isOpen,
  isZone,
  steadyAround,
  type Window,
} from '../../../../src/core/policy/decision/window.ts'

const OFFICE: Window = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  fromMinute: 8 * 60,
  toMinute: 18 * 60,
  zone: 'Europe/Zurich',
}
const NIGHT: Window = { days: ['fri'], fromMinute: 22 * 60, toMinute: 4 * 60, zone: 'UTC' }

test.each([
  ['2026-06-01T05:59:59.999Z', false, 'a millisecond before eight in summer'],
  ['2026-06-01T06:00:00Z', true, 'eight in summer'],
  ['2026-06-01T15:59:59Z', true, 'just before six'],
  ['2026-06-01T16:00:00Z', false, 'six'],
  ['2026-01-05T06:59:59Z', false, 'before eight in winter, when the clock is an hour behind'],
  ['2026-01-05T07:00:00Z', true, 'eight in winter'],
  ['2026-06-06T10:00:00Z', false, 'a Saturday'],
  ['2026-06-07T22:30:00Z', false, 'Monday by that clock, and before eight'],
])('office hours at %s: %s (%s)', (at, open) => {
  expect(isOpen(OFFICE, Date.parse(at))).toBe(open)
})

test.each([
  ['2026-06-05T21:59:00Z', false],
  ['2026-06-05T22:00:00Z', true],
  ['2026-06-06T03:59:00Z', true],
  ['2026-06-06T04:00:00Z', false],
  ['2026-06-05T03:00:00Z', false],
  ['2026-06-06T22:00:00Z', false],
])('a night that begins on Friday belongs to Friday: at %s %s', (at, open) => {
  expect(isOpen(NIGHT, Date.parse(at))).toBe(open)
})

test('hours that end when they begin are a whole day long, from that hour on', () => {
  const whole = { ...NIGHT, toMinute: NIGHT.fromMinute }
  const times = ['05T21:59', '05T22:00', '06T12:00', '06T21:59', '06T22:00']
  expect(times.map((time) => isOpen(whole, Date.parse(`2026-06-${time}:00Z`)))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ])
})

test('it is never open at a moment that is none, nor in a zone that is none', () => {
  expect(isOpen(OFFICE, Number.NaN)).toBe(false)
  expect(isOpen({ ...OFFICE, zone: 'Mars/Olympus' }, Date.parse('2026-06-01T09:00:00Z'))).toBe(false)
  expect([isZone('Europe/Zurich'), isZone('UTC'), isZone('Mars/Olympus'), isZone('')]).toEqual([
    true,
    true,
    false,
    false,
  ])
})

const window: fc.Arbitrary<Window> = fc.record({
  days: fc.uniqueArray(fc.constantFrom(...DAYS), { minLength: 1 }),
  fromMinute: fc.nat(1440),
  toMinute: fc.nat(1440),
  zone: fc.constantFrom(
    'UTC',
    'Europe/Zurich',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'America/New_York',
    'Pacific/Chatham',
  ),
})
/** Days around the changes of the clock in those zones. */
const moment = fc
  .tuple(
    fc.constantFrom('2026-03-08', '2026-03-29', '2026-04-04', '2026-10-03', '2026-10-25', '2026-11-01', '2026-06-01'),
    fc.integer({ min: -86_400_000, max: 2 * 86_400_000 }),
  )
  .map(([day, offset]) => Date.parse(`${day}T00:00:00Z`) + offset)

test('within the steady stretch around a moment it is open throughout, or closed throughout', () => {
  fc.assert(
    fc.property(window, moment, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (given, now, share) => {
      const { from, until } = steadyAround(given, now)
      expect(from).toBeLessThanOrEqual(now)
      expect(until).toBeGreaterThan(now)
      const other = Math.min(until - 1, Math.floor(from + (until - from) * share))
      expect(isOpen(given, other)).toBe(isOpen(given, now))
      expect(isOpen(given, until - 1)).toBe(isOpen(given, now))
    }),
    { numRuns: 2000 },
  )
})

test('a steady stretch is the quarter of an hour around a moment, or what of it lies between two edges', () => {
  const stretch = (given: Window, time: string) => {
    const { from, until } = steadyAround(given, Date.parse(`2026-06-01T${time}Z`))
    return [from, until].map((at) => new Date(at).toISOString().slice(11, 19))
  }
  const odd = { ...OFFICE, fromMinute: 8 * 60 + 4, toMinute: 8 * 60 + 9 }
  expect(stretch(OFFICE, '10:07:31')).toEqual(['10:00:00', '10:15:00'])
  expect(stretch(OFFICE, '10:15:00')).toEqual(['10:15:00', '10:30:00'])
  expect(stretch(odd, '06:03:59')).toEqual(['06:00:00', '06:04:00'])
  expect(stretch(odd, '06:04:00')).toEqual(['06:04:00', '06:09:00'])
  expect(stretch(odd, '06:08:30')).toEqual(['06:04:00', '06:09:00'])
  expect(stretch(odd, '06:09:00')).toEqual(['06:09:00', '06:15:00'])
})

test('where there is no moment, or no such zone, no stretch holds it', () => {
  expect(steadyAround({ ...OFFICE, zone: 'Mars/Olympus' }, 7)).toEqual({ from: 7, until: 7 })
  expect(steadyAround(OFFICE, Number.NaN)).toEqual({ from: Number.NaN, until: Number.NaN })
  expect(stretchAround([], Number.NaN)).toEqual({ from: Number.NaN, until: Number.NaN })
})

test('between what starts, ends, opens and closes nothing has to be looked at again', () => {
  const effect = 'allow' as const
  const [FOREVER, EVER] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  const grants = [{ effect, startsAt: 20 }, { effect }, { effect, startsAt: 10, expiresAt: 30 }]
  const around = (now: number) => Object.values(stretchAround(grants, now))
  expect([9, 10, 19, 20, 29, 30].map(around)).toEqual([
    [EVER, 10],
    [10, 20],
    [10, 20],
    [20, 30],
    [20, 30],
    [30, FOREVER],
  ])
  const nine = Date.parse('2026-06-01T09:00:00Z')
  const [minute, quarter] = [60_000, 900_000]
  const open = { effect, during: OFFICE }
  const closes = { ...open, during: { ...OFFICE, toMinute: 11 * 60 + 9 } }
  expect(stretchAround([open], nine)).toEqual({ from: nine, until: nine + quarter })
  expect(stretchAround([open, closes, { ...open, startsAt: nine + 1 }], nine + 5)).toEqual({
    from: nine + 1,
    until: nine + 9 * minute,
  })
  expect(stretchAround([{ ...open, expiresAt: nine + quarter + 1 }, closes], nine + 10 * minute)).toEqual({
    from: nine + 9 * minute,
    until: nine + quarter,
  })
})

test('it is written as a person would', () => {
  expect(formatWindow(OFFICE)).toBe('mon-fri 08:00-18:00 Europe/Zurich')
  expect(formatWindow({ ...NIGHT, days: ['sun', 'fri'] })).toBe('fri,sun 22:00-04:00 UTC')
  expect(formatWindow({ days: [...DAYS], fromMinute: 0, toMinute: 1440, zone: 'UTC' })).toBe('UTC')
  const allDay = { fromMinute: 0, toMinute: 1440, zone: 'UTC' }
  expect(formatWindow({ ...allDay, days: ['tue', 'mon'] })).toBe('mon,tue UTC')
  expect(formatWindow({ ...allDay, days: ['sun', 'sat', 'fri'] })).toBe('fri-sun UTC')
  expect(formatWindow({ ...allDay, days: ['sun', 'mon', 'tue'] })).toBe('mon,tue,sun UTC')
  expect(formatWindow({ ...allDay, days: ['fri', 'wed', 'mon'] })).toBe('mon,wed,fri UTC')
  expect(formatWindow({ ...allDay, days: [...DAYS], toMinute: 9 * 60 + 5 })).toBe('00:00-09:05 UTC')
  expect(formatWindow({ ...allDay, days: [...DAYS], fromMinute: 13 * 60 })).toBe('13:00-24:00 UTC')
  const lastMinute = { fromMinute: 23 * 60 + 58, toMinute: 23 * 60 + 59 }
  expect(formatWindow({ ...allDay, ...lastMinute, days: [...DAYS] })).toBe('23:58-23:59 UTC')
})
