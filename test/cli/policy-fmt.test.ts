/** `kerbside policy fmt` on folders as people leave them: what it writes, what it refuses to, and what is left when it stops. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readPolicyDirectory } from '../../src/io/policy/directory.ts'
import { replacePolicyFile } from '../../src/io/policy/write.ts'
import { folderWith, grant, LAB, SMALL, write } from '../io/policy/folder.ts'
import { runCli } from './run-cli.ts'

const fmt = (folder: string, ...options: readonly string[]) => runCli(['policy', 'fmt', folder, ...options])
const read = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8')
async function hashOf(folder: string): Promise<string> {
  const result = await readPolicyDirectory(folder)
  return 'bundle' in result ? result.bundle.hash : 'none'
}

test('files are written, once, and the bundle is the same bundle', async () => {
  const folder = folderWith({ 'a/a.yaml': SMALL, 'b.yaml': grant('g') })
  const before = await hashOf(folder)
  expect(await fmt(folder)).toEqual({ code: 0, out: 'a/a.yaml\nb.yaml\n', err: '2 of 2 files written\n' })
  expect(read(folder, 'b.yaml')).toBe(`apiVersion: kerbside.io/v1
kind: Grant
metadata:
  name: g
spec:
  effect: allow
  teams: [quant]
  datasets: [market]
  actions: [read]
`)
  expect(await hashOf(folder)).toBe(before)
  expect(before).toMatch(/^sha256:/)
  expect(await fmt(folder)).toEqual({ code: 0, out: '', err: '0 of 2 files written\n' })
  expect(readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()).toEqual(['a', 'a/a.yaml', 'b.yaml'])
})

test('--check writes nothing, prints the difference and is a no', async () => {
  const text = 'apiVersion: kerbside.io/v1\nkind: Policy\nmetadata:\n  name: p\nspec:\n  mode: "enforce"\n'
  const folder = folderWith({ 'a.yaml': text })
  expect(await fmt(folder, '--check')).toEqual({
    code: 1,
    out: `--- a.yaml\n+++ a.yaml\n@@ -4,3 +4,3 @@\n   name: p\n spec:\n-  mode: "enforce"\n+  mode: enforce\n`,
    err: '1 of 1 file would change\n',
  })
  expect(read(folder, 'a.yaml')).toBe(text)
  await fmt(folder)
  expect(await fmt(folder, '--check')).toMatchObject({ code: 0, out: '' })
})

describe('a broken file', () => {
  test.each(['', '--check'])('is named and left alone, and the others are not (%s)', async (option) => {
    const broken = `${SMALL}a: [\n`
    const folder = folderWith({ 'a.yaml': broken, 'b.yaml': LAB, 'c.yaml': Uint8Array.of(0xff) })
    const { code, err } = await fmt(folder, ...(option === '' ? [] : [option]))
    expect(err).toContain('a.yaml:')
    expect(err).toContain('c.yaml:1:1: error: is not UTF-8')
    expect(err).toContain('2 left alone')
    expect(code).toBe(3)
    expect(read(folder, 'a.yaml')).toBe(broken)
    expect(read(folder, 'b.yaml') === LAB).toBe(option === '--check')
  })
  test('a name that another file does not declare is no matter of layout', async () => {
    expect(await fmt(folderWith({ 'a.yaml': grant('g', { datasets: ['nowhere'] }) }))).toMatchObject({ code: 0 })
  })
})

describe('on disk', () => {
  test('the mode stays, and a link stays a link', async () => {
    const folder = folderWith({ 'real/.keep': '' })
    write(folder, 'elsewhere.txt', LAB)
    chmodSync(join(folder, 'elsewhere.txt'), 0o640)
    mkdirSync(join(folder, 'policies'))
    symlinkSync('../elsewhere.txt', join(folder, 'policies', 'a.yaml'))
    expect(await fmt(join(folder, 'policies'))).toMatchObject({ code: 0, out: 'a.yaml\n' })
    expect(read(folder, 'elsewhere.txt')).toContain('apiVersion: kerbside.io/v1\n')
    expect(statSync(join(folder, 'elsewhere.txt')).mode & 0o777).toBe(0o640)
    expect(readdirSync(join(folder, 'policies'), { withFileTypes: true })[0]?.isSymbolicLink()).toBe(true)
  })
  test('a file that was changed since it was read is not written over', async () => {
    const folder = folderWith({ 'a.yaml': SMALL })
    const writing = replacePolicyFile(join(folder, 'a.yaml'), Buffer.from(LAB), 'new')
    await expect(writing).rejects.toMatchObject({ code: 'bad-policy', message: expect.stringContaining('meanwhile') })
    expect(read(folder, 'a.yaml')).toBe(SMALL)
    expect(readdirSync(folder)).toEqual(['a.yaml'])
  })
  test('one that cannot be written is named, with the reason, and stays', async () => {
    // Beside it no longer name has room.
    const name = `${'a'.repeat(250)}.yaml`
    const folder = folderWith({ [name]: LAB })
    const { code, err } = await fmt(folder)
    expect(err).toBe(`kerbside: \`${join(folder, name)}\` cannot be written: its name is too long\n`)
    expect(code).toBe(3)
    expect(readdirSync(folder)).toEqual([name])
    expect(read(folder, name)).toBe(LAB)
  })
})
