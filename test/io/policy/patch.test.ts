/** The least-privilege edit as a patch that `git apply` and `patch` take, and that changes nothing else in the files. */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ActionWord } from '../../../src/core/policy/action.ts'
import type { Cut } from '../../../src/core/policy/unused/cuts.ts'
import { edited, unifiedDiff } from '../../../src/core/policy/unused/unified-diff.ts'
import { cutsOf } from '../../../src/io/policy/cuts.ts'
import { patchPolicy } from '../../../src/io/policy/patch.ts'
import { folderWith, LAB, SMALL } from './folder.ts'

const HEAD = '# yaml-language-server: $schema=../schema.json\n'
const grant = (name: string, actions: string) => `apiVersion: kerbside.io/v1
kind: Grant
metadata:
  name: ${name} # asked for in DATA-7
spec:
  effect: allow
  teams: [quant]
  datasets: [market]
  ${actions}
  reason: "quoted: as it was"
`
const remove = (line: number): Cut => ({ line, do: 'remove' })
const narrow = (line: number, ...words: ActionWord[]): Cut => ({ line, do: 'narrow', narrow: () => words })
const cut = (text: string, ...cuts: Cut[]) => edited(text, cutsOf(text, cuts))

describe('a grant', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => grant(name, 'actions: [read]')) as [string, string, string]
  const all = `${HEAD}${a}---\n# About b.\n${b}\n---\n${c}`

  test('goes with its comments, and what heads the file stays', () => {
    expect(cut(all, remove(2))).toBe(`${HEAD}# About b.\n${b}\n---\n${c}`)
    expect(cut(all, remove(14))).toBe(`${HEAD}${a}---\n${c}`)
    expect(cut(all, remove(26))).toBe(`${HEAD}${a}---\n# About b.\n${b}\n`)
    expect(cut(all, remove(2), remove(14))).toBe(`${HEAD}${c}`)
  })

  test('takes the file along when it is the last in it', () => {
    expect(cut(all, remove(2), remove(14), remove(26))).toBe('')
    expect(cut(`${HEAD}---\n# Only this.\n${a}`, remove(4))).toBe('')
  })

  test('goes from a file that begins with a mark, or whose lines end as on Windows', () => {
    expect(cut(`---\n${a}---\n${b}`, remove(2))).toBe(b)
    expect(cut(`${a}---\n${b}`.replaceAll('\n', '\r\n'), remove(1))).toBe(b.replaceAll('\n', '\r\n'))
  })
})

describe('actions', () => {
  test.each<[string, ActionWord[], string]>([
    ['actions: [write]', ['read'], 'actions: [read]'],
    ['actions: [read, append, create] # few', ['read', 'create'], 'actions: [read, create] # few'],
    ['actions: [ \'read\', "append" ]', ['read'], "actions: ['read']"],
    ['actions:\n    [\n      read,\n      append,\n    ]', ['read'], 'actions:\n    [read]'],
    ['actions:\n    - read # to learn\n    - append # to log', ['read'], 'actions:\n    - read # to learn'],
    [
      'actions:\n    # All.\n    - write # since May',
      ['read', 'create'],
      'actions:\n    # All.\n    - read # since May\n    - create # since May',
    ],
    ["actions:\n  - 'manage'\n  - admin", ['read'], 'actions:\n  - read'],
  ])('%j left with %j', (before, words, after) => {
    expect(cut(HEAD + grant('a', before), narrow(2, ...words))).toBe(HEAD + grant('a', after))
  })

  test('of one document change in no other', () => {
    const [a, b] = [grant('a', 'actions: [write]'), grant('b', 'actions: [write]')]
    expect(cut(`${a}---\n${b}`, narrow(12, 'read'))).toBe(`${a}---\n${grant('b', 'actions: [read]')}`)
  })

  test('that are not where they were are an error, not a guess', () => {
    expect(() => cut(SMALL, narrow(3, 'read'))).toThrow(/no actions of a grant/)
  })
})

describe('the patch', () => {
  const run = (program: string, args: readonly string[], folder: string, input: string) =>
    spawnSync(program, args, { cwd: folder, input, encoding: 'utf8' })

  test('makes exactly the edit, by `git apply` and by `patch -p1`, whatever the lines are', () => {
    const line = fc.constantFrom('a\n', 'b\n', 'a\n', '\n', ' x\r\n', '-- \n', '+++ b\n', '\\ \n', 'é\n')
    const edit = fc.tuple(fc.nat(30), fc.array(line, { maxLength: 2 }))
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 30 }),
        fc.array(edit, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (lines, edits, hasEnd) => {
          const text = hasEnd ? lines.join('') : `${lines.join('')}end`
          const chosen = new Map(edits.filter(([at]) => at < lines.length))
          const after = edited(text, chosen)
          fc.pre(chosen.size > 0 && after !== text)
          const patch = unifiedDiff('x y/é.yaml', text, chosen)
          for (const [program, args] of [
            ['git', ['apply', '--whitespace=nowarn']],
            ['patch', ['-p1', '--binary', '--quiet', '-E']],
          ] as const) {
            const folder = folderWith({ 'x y/é.yaml': text })
            const { status, stderr } = run(program, args, folder, patch)
            expect([program, status, stderr]).toEqual([program, 0, ''])
            const file = join(folder, 'x y/é.yaml')
            expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(after)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  test('has no name in it that leads out of the directory, and quotes what git would', () => {
    expect(unifiedDiff('a"b\\c\té.yaml', 'x\n', new Map([[0, []]]))).toContain('"a/a\\"b\\\\c\\011\\303\\251.yaml"')
  })

  test('leaves a directory that is valid, and says what it is then', async () => {
    const text = `${HEAD}${grant('one', 'actions: [write]')}---\n${grant('two', 'actions: [read]')}`
    const folder = folderWith({ 'lab.yaml': SMALL, 'quant/grants.yaml': text })
    const cuts = new Map([['quant/grants.yaml', [narrow(2, 'read'), remove(13)]]])
    const { patch, bundle } = await patchPolicy(folder, cuts)
    expect(run('git', ['apply', '--check'], folder, patch)).toMatchObject({ status: 0, stderr: '' })
    expect(bundle.grants.map(({ name, actions }) => [name, actions.length])).toEqual([
      ['reads', 3],
      ['one', 3],
    ])
    expect(patch).toContain('-  actions: [write]\n+  actions: [read]\n')
  })

  test('is refused when what it leaves would be no policy', async () => {
    const folder = folderWith({ 'a.yaml': SMALL })
    writeFileSync(join(folder, 'a.yaml'), SMALL.replace(LAB, '# gone\n'))
    await expect(patchPolicy(folder, new Map())).rejects.toMatchObject({ code: 'bad-policy' })
  })
})
