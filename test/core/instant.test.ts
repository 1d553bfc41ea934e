/** Moments as people write them: with a zone, on a day that exists, or not at all. */
import { expect, test } from 'vitest'
import { formatInstant, parseInstant } from '../../src/core/instant.ts'

test.each([
  ['2027-01-31T00:00:00Z', '2027-01-31T00:00:00Z'],
  ['2027-01-31T01:30+01:30', '2027-01-31T00:00:00Z'],
  ['2027-01-31T00:00:00.250Z', '2027-01-31T00:00:00.250Z'],
  ['2028-02-29T23:59:59-12:00', '2028-03-01T11:59:59Z'],
])('%s is %s', (text, utc) => {
  expect(formatInstant(parseInstant(text) ?? Number.NaN)).toBe(utc)
})

test.each([
  '2027-01-31',
  '2027-01-31T00:00:00',
  '2027-02-29T00:00:00Z',
  '2027-04-31T00:00:00Z',
  '2027-13-01T00:00:00Z',
  '2027-01-31T25:00:00Z',
  '2027-01-31 00:00:00Z',
  '+012027-01-31T00:00:00Z',
  'tomorrow',
  '1801353600000',
  '',
])('%s is no moment', (text) => {
  expect(parseInstant(text)).toBeUndefined()
})
