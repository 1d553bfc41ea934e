/** `kerbside policy check`: what it says of good policy and of bad input of every kind, to whom, and while one edits. */
import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dataset, document, folderWith, grant, SMALL, write } from '../io/policy/folder.ts'
import { runCli } from './run-cli.ts'

const CASE = { identity: 'quant-research', operation: 'OPEN', path: '/data/market/x', expect: 'allow' }
/** Valid, and nothing in it is meant otherwise. */
const GOOD = SMALL + document('PolicyTest', 't', { cases: [CASE, { ...CASE, path: '/x', expect: 'deny' }] })
const WRONG = grant('g', { datasets: ['marekt'] })
const check = (folder: string, ...options: readonly string[]) => runCli(['policy', 'check', folder, ...options])

describe('a valid directory', () => {
  test('is one line and a yes', async () => {
    const { code, out, err } = await check(folderWith({ 'a.yaml': GOOD }))
    expect(out).toMatch(/^1 cluster, 1 identity, 1 dataset, 1 grant, 2 tests, bundle sha256:[0-9a-f]{64}\n$/)
    expect([code, err]).toEqual([0, ''])
  })
  test.each([
    ['json', /^\[\]\n$/],
    ['sarif', /"results": \[\]/],
    ['github', /^$/],
  ])('as %s is no problem', async (format, said) => {
    const { code, out, err } = await check(folderWith({ 'a.yaml': GOOD }), '--output', format)
    expect(out).toMatch(said)
    expect([code, err]).toEqual([0, ''])
  })
})

describe('a valid directory in which something may be meant otherwise', () => {
  const files = { 'a.yaml': GOOD + grant('watched', { effect: 'deny', mode: 'shadow', reason: 'not yet' }) }
  test('is told so, and is a yes', async () => {
    const { code, out } = await check(folderWith(files))
    expect(out).toMatch(/^a\.yaml:6:\d+: warning: grant `watched` is in shadow.* \[in-shadow\]\n1 cluster/)
    expect(code).toBe(0)
  })
  test('is a no where warnings count, and says nothing where they are not asked for', async () => {
    const folder = folderWith(files)
    expect(await check(folder, '--strict')).toMatchObject({ code: 1, out: expect.stringContaining('[in-shadow]') })
    expect(await check(folder, '--strict', '--no-lint')).toMatchObject({ code: 0, out: expect.stringMatching(/^1 cl/) })
    expect(await check(folderWith({ 'a.yaml': GOOD }), '--strict')).toMatchObject({ code: 0 })
  })
  test('has rules with sentences in SARIF', async () => {
    const { out } = await check(folderWith(files), '--output', 'sarif')
    expect(JSON.parse(out).runs[0].tool.driver.rules).toEqual([
      { id: 'in-shadow', shortDescription: { text: expect.stringMatching(/shadow/) } },
    ])
  })
})

describe('every problem', () => {
  const files = { 'a.yaml': SMALL + grant('g', { datasets: ['marekt'], teams: ['x'] }) }
  test('is said, and the exit code is 3', async () => {
    const folder = folderWith(files)
    const { code, out, err } = await check(folder)
    expect(out).toMatch(
      /^a\.yaml:5:\d+: error: no dataset is called `marekt` \[invalid-policy\]\n {2}did you mean `market`\?$/m,
    )
    expect(err).toBe(`2 problems in \`${folder}\`: nothing of it would be loaded\n`)
    expect(code).toBe(3)
  })
  test('stands beside its line on GitHub', async () => {
    const folder = folderWith(files)
    const { out } = await check(folder, '--output', 'github')
    expect(out).toMatch(new RegExp(`^::error file=${folder}/a\\.yaml,line=5,col=\\d+,title=invalid-policy::no`, 'm'))
  })
  test('is a result in SARIF and an object in JSON', async () => {
    const folder = folderWith(files)
    const sarif = JSON.parse((await check(folder, '--output', 'sarif')).out)
    expect(sarif.runs[0].results).toHaveLength(2)
    const json = JSON.parse((await check(folder, '--output', 'json')).out)
    expect(json).toContainEqual(expect.objectContaining({ file: 'a.yaml', line: 5, hint: 'did you mean `market`?' }))
  })
  test('a format that is none is told with all there are', async () => {
    const { code, err } = await check(folderWith({}), '--output', 'xml')
    expect(err).toContain('allowed choices are table, json, sarif, github')
    expect(code).toBe(2)
  })
})

describe('bad input is named, exits with 3, and nothing of it is loaded', () => {
  test.each<[string, string | Uint8Array, string]>([
    ['YAML that stops in the middle', grant('g').slice(0, 60), 'not YAML:'],
    ['a list that stops in the middle', 'kind: Grant\nspec:\n  teams: [quant,\n', 'not YAML:'],
    ['nesting', `a: ${'['.repeat(5000)}`, 'b.yaml:1:1: error: is nested too deep'],
    ['nesting that ends', `a: ${'{a: '.repeat(2000)}1${'}'.repeat(2000)}`, 'error: '],
    ['an alias', 'a: &x 1\nb: *x\n', 'alias `*x`'],
    ['a tab', 'kind:\tGrant\n\tspec: 1\n', 'not YAML: tabs are not allowed as indentation'],
    ['a byte order mark', `\ufeff${grant('g')}`, 'begins with a byte order mark'],
    ['invalid UTF-8', Uint8Array.of(0x61, 0x3a, 0x20, 0xff), 'is not UTF-8'],
    ['a prefix with `..`', dataset('d', '/a/../b'), '`..` segment'],
    ['a prefix in `.reserved`', dataset('d', '/.reserved/raw/a'), '`.reserved`'],
    ['a prefix in a snapshot', dataset('d', '/a/.snapshot/s'), '`.snapshot`'],
    ['a prefix that is encoded', dataset('d', '/a%2fb'), 'it looks percent-encoded; write it decoded'],
    ['a slash at the end', dataset('d', '/a/'), 'empty segment'],
    ['an empty path', dataset('d', ''), 'does not begin with `/`'],
    ['`__proto__` for a name', dataset('__proto__', '/a'), '`__proto__` in `metadata.name` must be lower-case letters'],
    ['`__proto__` for a field', '{"__proto__": {"kind": "Grant"}}', '`__proto__` is not a field'],
    ['`constructor` for a kind', document('constructor', 'x', {}), 'no kind is called `constructor`'],
    [
      '`constructor` for a dataset that is not there',
      grant('g', { datasets: ['constructor'] }),
      'no dataset is called',
    ],
    ['a prefix in two datasets', dataset('d', '/data/market'), 'is already one of dataset `market`'],
    ['an expiry without a zone', grant('g', { expires: '2027-01-31T00:00:00' }), 'must be a moment with its zone'],
  ])('%s', async (_, content, said) => {
    const { code, out, err } = await check(folderWith({ 'a.yaml': SMALL, 'b.yaml': content }))
    expect(out).toContain(said)
    expect(out).not.toContain('bundle sha256:')
    expect(out.match(/^\S+ error: /gm)?.every((line) => line.startsWith('b.yaml:'))).toBe(true)
    expect(err).toContain('nothing of it would be loaded')
    expect(code).toBe(3)
  })

  test('fifty megabytes in a file are not read', async () => {
    const folder = folderWith({ 'a.yaml': SMALL, 'b.yaml': '' })
    truncateSync(join(folder, 'b.yaml'), 50 * 1024 * 1024)
    expect(await check(folder)).toMatchObject({ code: 3, out: expect.stringContaining('is larger than 1024 KiB') })
  })
  test('nor seventeen in as many files', async () => {
    const names = Array.from({ length: 17 }, (_, index) => `${index}.yaml`)
    const folder = folderWith(Object.fromEntries(names.map((name) => [name, ''])))
    for (const name of names) truncateSync(join(folder, name), 1024 * 1024)
    expect(await check(folder)).toMatchObject({ code: 3, out: expect.stringContaining('holds more than 16 MiB') })
  })
  test('a directory that is not there', async () => {
    expect(await check('/nowhere/at/all')).toEqual({
      code: 3,
      out: '',
      err: 'kerbside: the policy directory `/nowhere/at/all` cannot be read: it does not exist\n',
    })
  })
  test('`constructor` for a dataset is a name as any other', async () => {
    expect(await check(folderWith({ 'a.yaml': SMALL + dataset('constructor', '/c') }))).toMatchObject({ code: 0 })
  })
})

describe('watched', () => {
  test('each change is told with its time until one stops, and the exit code is of the last', async () => {
    const folder = folderWith({ 'a.yaml': GOOD })
    let step = 0
    const { code, out, err } = await runCli(['policy', 'check', folder, '--watch'], false, (printed) => {
      if (step === 0 && printed.out.includes('bundle sha256:')) {
        step = 1
        write(folder, 'b.yaml', WRONG)
      }
      return printed.err !== ''
    })
    expect(out).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n1 cluster, [^\n]*\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\nb\.yaml:1:/,
    )
    expect(err).toContain('1 problem in')
    expect(code).toBe(3)
  })
  test('a directory that is not there is told, and waited for', async () => {
    const args = ['policy', 'check', '/nowhere/at/all', '--watch']
    const { code, err } = await runCli(args, false, (printed) => printed.err !== '')
    expect(err).toContain('cannot be read: it does not exist')
    expect(code).toBe(3)
  })
})
