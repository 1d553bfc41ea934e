/** Of many requests the one that matters is left, and of that only what matters. */
import { expect, test } from 'vitest'
import { fewest, shortest } from './shrink.ts'

const FOREVER = Number.POSITIVE_INFINITY

test('of a hundred, the one that does it; of two that need each other, both', async () => {
  const all = Array.from({ length: 100 }, (_none, index) => index)
  expect(await fewest(all, async (some) => some.includes(37))).toEqual([37])
  expect(await fewest(all.slice(0, 20), async (some) => some.includes(3) && some.includes(17))).toEqual([3, 17])
})

test('words that do not matter are left out', async () => {
  const request =
    'PUT /webhdfs/v1/fuzz/home/x?op=RENAME&a=b&destination=%2Ffuzz%2Fother HTTP/1.1\r\nHost: x\r\nX: y\r\n\r\n'
  const does = async (text: string) => /^PUT .*RENAME.*destination=.*other.*\r\nHost: x\r\n/s.test(text)
  const left = await shortest(request, does, FOREVER)
  expect(await does(left)).toBe(true)
  expect(left).toBe('PUT RENAMEdestination=other\r\nHost: x\r\n')
})

test('when the time is over, what is left then is taken', async () => {
  expect(await shortest('a b c', async () => true, 0)).toBe('a b c')
})
