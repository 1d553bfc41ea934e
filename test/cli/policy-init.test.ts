/** A new policy directory: valid, tested and laid out as it stands, and never over anything. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderWith } from '../io/policy/folder.ts'
import { runCli } from './run-cli.ts'

test.each([
  [[]],
  [['--team', 'quant', '--realm', 'BANK.EXAMPLE', '--nameservice', 'Prod_1']],
  [['--team', 'b'.repeat(50)]],
  [['--team', '1', '--realm', '0x1', '--nameservice', 'Null']],
])('passes check, test and fmt, and the lint says nothing: %j', async (args) => {
  const folder = join(folderWith({}), 'new', 'policies')
  const { code, out } = await runCli(['policy', 'init', folder, ...args])
  expect(code).toBe(0)
  expect(out.split('\n')).toContain('schema.json')
  const check = await runCli(['policy', 'check', folder, '--strict'])
  expect(check.out).toMatch(/^1 cluster, 1 identity, 2 datasets, 2 grants, 5 tests, bundle sha256:[0-9a-f]{64}\n$/)
  expect(check.code).toBe(0)
  expect(await runCli(['policy', 'test', folder])).toMatchObject({ code: 0 })
  expect(await runCli(['policy', 'fmt', folder, '--check'])).toMatchObject({ code: 0, out: '' })
})

test('its schema is the one that `policy schema` prints, and every file finds it', async () => {
  const folder = folderWith({})
  await runCli(['policy', 'init', folder, '--team', 'quant'])
  const { out } = await runCli(['policy', 'schema'])
  expect(readFileSync(join(folder, 'schema.json'), 'utf8')).toBe(out)
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) =>
    one.endsWith('.yaml'),
  )) {
    const [, path = ''] = /\$schema=(\S+)/.exec(readFileSync(join(folder, name), 'utf8')) ?? []
    expect(readFileSync(join(folder, name, '..', path), 'utf8')).toBe(out)
  }
  expect(readFileSync(join(folder, 'README.md'), 'utf8').split('\n').length).toBeLessThan(13)
})

test('never over anything', async () => {
  const folder = folderWith({ '.hidden': '' })
  const { code, err } = await runCli(['policy', 'init', folder])
  expect([code, err]).toEqual([
    2,
    `kerbside: the directory \`${folder}\` is not empty\n  name one that does not exist yet\n`,
  ])
  expect(readdirSync(folder)).toEqual(['.hidden'])
  expect(await runCli(['policy', 'init', join(folder, '.hidden')])).toMatchObject({ code: 2 })
  mkdirSync(join(folder, 'empty'))
  expect(await runCli(['policy', 'init', join(folder, 'empty')])).toMatchObject({ code: 0 })
})

test.each([
  ['--team', 'Quant'],
  ['--team', 'a: b'],
  ['--team', 'b'.repeat(51)],
  ['--realm', 'A B'],
  ['--nameservice', 'x/y'],
])('%s %j is refused, and nothing is written', async (option, value) => {
  const folder = folderWith({})
  const { code, err } = await runCli(['policy', 'init', folder, option, value])
  expect(err).toContain(`\`${option}\` must be`)
  expect(code).toBe(2)
  expect(readdirSync(folder)).toEqual([])
})
