/** What the words of a Grant stand for, in an allow and in a deny. */
import { expect, test } from 'vitest'
import { ACTIONS, PRESETS, spellOut } from '../../../src/core/policy/action.ts'

test('in an allow each preset brings the smaller ones along', () => {
  expect(spellOut('allow', ['read'])).toEqual(['stat', 'list', 'read'])
  expect(spellOut('allow', ['write'])).toEqual(PRESETS.write)
  expect(PRESETS.manage).toEqual(expect.arrayContaining([...PRESETS.write]))
  expect(PRESETS.write).toEqual(expect.arrayContaining([...PRESETS.read]))
})

test('in a deny the presets take their own steps, which together are `manage` and never overlap', () => {
  const steps = (['read', 'write', 'manage'] as const).map((word) => spellOut('deny', [word]))
  expect(steps.flat()).toEqual(PRESETS.manage)
})

test('only `all`, and only its own name, takes `admin`', () => {
  expect(spellOut('deny', ['all'])).toEqual(ACTIONS)
  expect(spellOut('deny', ['read', 'write', 'manage'])).not.toContain('admin')
  expect(spellOut('allow', ['admin'])).toEqual(['admin'])
})

test('each action is given once, in one order, however often it is named', () => {
  expect(spellOut('allow', ['delete', 'read', 'stat', 'delete'])).toEqual(['stat', 'list', 'read', 'delete'])
})
