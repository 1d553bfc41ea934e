/** Schedules of Ranger as intervals: both ends are in, to the millisecond, and what depends on the NameNode's zone is not carried. */
import { expect, test } from 'vitest'
import type { RangerSchedule } from '../../../../src/core/policy/ranger/export.ts'
import { validityOf } from '../../../../src/core/policy/ranger/validity.ts'

const schedule = (startTime: string, endTime: string, timeZone = ''): RangerSchedule => ({
  ...{ startTime, endTime, timeZone },
  recurrences: [],
})
const iso = (moment: number) => (Number.isFinite(moment) ? new Date(moment).toISOString() : '')
const told = (...schedules: readonly RangerSchedule[]) => {
  const validity = validityOf(schedules)
  return 'why' in validity ? validity.why : validity.map(({ from, until }) => `${iso(from)}/${iso(until)}`)
}

test('no schedule is always', () => {
  expect(told()).toEqual(['/'])
})

test('the last second is in it whole only to its first millisecond', () => {
  expect(told(schedule('2026/03/01 08:00:00', '2026/06/30 23:59:59'))).toEqual([
    '2026-03-01T08:00:00.000Z/2026-06-30T23:59:59.001Z',
  ])
})

test('a zone is the one of that day', () => {
  expect(told(schedule('2026/01/01 00:00:00', '2026/07/01 00:00:00', 'Europe/Zurich'))).toEqual([
    '2025-12-31T23:00:00.000Z/2026-06-30T22:00:00.001Z',
  ])
})

test('a moment near a change of the clocks is another one on another NameNode', () => {
  expect(told(schedule('2026/03/29 12:00:00', '', 'Europe/Zurich'))).toBe('schedule')
  expect(told(schedule('2026/03/29 12:00:00', '', 'Africa/Nairobi'))).toEqual(['2026-03-29T09:00:00.000Z/'])
})

test.each([
  ['Ranger would repair it', schedule('2026/02/30 00:00:00', '')],
  ['Ranger would take it for no start at all', schedule('soon', '')],
  ['Ranger would take it for no start at all', schedule('1970/01/01 00:00:00', '')],
  ['Ranger would take it for GMT', schedule('2026/03/01 00:00:00', '', 'Europe/Atlantis')],
  ['Ranger would take it for GMT', schedule('2026/03/01 00:00:00', '', 'CET+1')],
])('%s', (_, given) => {
  expect(told(given)).toBe('schedule')
})

test('a recurrence is in the zone of the NameNode', () => {
  expect(told({ ...schedule('', ''), recurrences: [{}] })).toBe('recurrence')
})

test('schedules that overlap or touch are one interval, and one that ends before it begins is none', () => {
  expect(
    told(
      schedule('2026/05/01 00:00:00', ''),
      schedule('2026/01/01 00:00:00', '2026/03/01 00:00:00'),
      schedule('2026/02/01 00:00:00', '2026/04/01 00:00:00'),
    ),
  ).toEqual(['2026-01-01T00:00:00.000Z/2026-04-01T00:00:00.001Z', '2026-05-01T00:00:00.000Z/'])
  expect(told(schedule('2026/03/02 00:00:00', '2026/03/01 00:00:00'))).toEqual([])
})
