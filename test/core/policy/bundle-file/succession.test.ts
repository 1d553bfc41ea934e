/** Which bundle may follow which, from the side of someone who kept an old one. */
import { expect, test } from 'vitest'
import { checkSuccession, type Edition } from '../../../../src/core/policy/bundle-file/succession.ts'

const edition = (sequence: number, hash = `content of ${sequence}`): Edition => ({ sequence, hash })
const check = (offered: Edition, atLeast: number, ...editions: readonly Edition[]) => {
  try {
    checkSuccession(offered, { atLeast, editions })
    return 'taken'
  } catch (error) {
    return Object(error).code
  }
}

test.each<[string, string, Edition, number, readonly Edition[]]>([
  ['taken', 'the first one, whatever its number', edition(1), 0, []],
  ['taken', 'a higher one', edition(8), 0, [edition(7)]],
  ['taken', 'one that leaves numbers out', edition(900), 0, [edition(7)]],
  ['taken', 'the known one again', edition(7), 0, [edition(7)]],
  ['taken', 'the lowest that is taken', edition(7), 7, []],
  ['bundle-older', 'one below the floor', edition(6), 7, []],
  ['bundle-older', 'one below the floor that is known', edition(6), 7, [edition(6)]],
  ['bundle-older', 'one before the known one', edition(6), 0, [edition(7)]],
  ['bundle-older', 'one before the newest of two', edition(7), 0, [edition(7), edition(8)]],
  ['bundle-other-content', 'the number of the known one with other content', edition(7, 'other'), 0, [edition(7)]],
  ['bundle-other-content', 'the same, below', edition(7, 'other'), 0, [edition(5), edition(7)]],
])('%s: %s', (outcome, _, offered, atLeast, known) => {
  expect(check(offered, atLeast, ...known)).toBe(outcome)
})
