/** Words of a narrowed grant: exactly what stays, no more, in as few words as there are. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ACTION_WORDS, ACTIONS, type ActionWord, spellOut } from '../../../../src/core/policy/action.ts'
import { narrowed, staying } from '../../../../src/core/policy/unused/narrow.ts'

const words = fc.uniqueArray(fc.constantFrom(...ACTION_WORDS.filter((word) => word !== 'all')), {
  minLength: 1,
  maxLength: 5,
})

test('they allow all that was used, nothing that was not allowed before, and nothing else than stays', () => {
  fc.assert(
    fc.property(words, fc.array(fc.nat(20)), (given, picks) => {
      const before = spellOut('allow', given)
      const used = new Set(picks.flatMap((pick) => before[pick] ?? []))
      fc.pre(used.size > 0)
      const stay = staying(used)
      const after = spellOut('allow', narrowed(given, stay))
      expect(after).toEqual(stay)
      for (const action of used) expect(after).toContain(action)
      for (const action of after) expect(before).toContain(action)
    }),
  )
})

test.each<[ActionWord[], string, ActionWord[]]>([
  [['write'], 'stat list read', ['read']],
  [['write'], 'read', ['read']],
  [['write'], 'stat', ['stat']],
  [['manage'], 'read create append overwrite mkdir delete', ['write']],
  [['manage', 'admin'], 'read create snap-read', ['read', 'create', 'snap-read']],
  [['read', 'write'], 'list read', ['read']],
  [['snap-read', 'write'], 'read snap-read delete', ['snap-read', 'read', 'delete']],
  [['read', 'append'], 'read', ['read']],
])('%j of which %s was used becomes %j', (given, used, expected) => {
  const stay = staying(new Set(ACTIONS.filter((action) => used.split(' ').includes(action))))
  expect(narrowed(given, stay)).toEqual(expected)
})
