/** The order in which KDCs are asked: the administrator's, but the silent behind those that answer, and the dead last. */
import { expect, test } from 'vitest'
import {
  hasAnother,
  type KdcStatus,
  kdcOrder,
  silenced,
  statusesOf,
  withNews,
} from '../../../src/core/kerberos/kdc-order.ts'

const KDCS: readonly KdcStatus[] = [
  { kdc: 'dead', isUp: false },
  { kdc: 'first', isUp: true },
  { kdc: 'second', isUp: true },
]

test('the dead are last, and the order is kept otherwise', () => {
  expect(kdcOrder(KDCS)).toEqual(['first', 'second', 'dead'])
  expect(kdcOrder(KDCS.map((status) => ({ ...status, isUp: false })))).toEqual(['dead', 'first', 'second'])
})

test('who was silent stands behind who was not, before the dead, until all have been', () => {
  const once = silenced(KDCS, 'first')
  expect([kdcOrder(once), hasAnother(once)]).toEqual([['second', 'first', 'dead'], true])
  const twice = silenced(once, 'second')
  expect([kdcOrder(twice), hasAnother(twice)]).toEqual([['first', 'second', 'dead'], false])
})

test('of one realm only its own are asked, in its own order, and news of them leave the others as they were', () => {
  const own = statusesOf(KDCS, ['second', 'dead', 'never seen'])
  expect(own).toEqual([KDCS[2], KDCS[0], { kdc: 'never seen', isUp: false }])
  const known = withNews(KDCS, silenced(own, 'second'))
  expect(known).toEqual([KDCS[0], KDCS[1], { kdc: 'second', isUp: true, isSilent: true }])
})
