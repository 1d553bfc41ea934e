/** A set of files is there whole or not at all, for whoever reads while it is replaced, and after a start that was killed. */
import {
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { replaceFileSet } from '../../sidecar/file-set.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-set-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const set = (text: string, ...names: string[]) =>
  new Map((names.length === 0 ? ['hadoop/a', 'hadoop/b'] : names).map((name) => [name, text]))
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const sets = () => readdirSync(folder).filter((name) => /^\.\.[0-9a-f]{16}/.test(name))

test('is read by the names that were asked for, by everyone', async () => {
  await replaceFileSet(folder, set('1'))
  expect([read('hadoop/a'), read('hadoop/b')]).toEqual(['1', '1'])
  expect(statSync(join(folder, 'hadoop/a')).mode & 0o777).toBe(0o644)
  expect(statSync(join(folder, 'hadoop')).mode & 0o777).toBe(0o755)
})

test('that is the same is not written again', async () => {
  await replaceFileSet(folder, set('1'))
  const { ino } = statSync(join(folder, 'hadoop/a'))
  await replaceFileSet(folder, set('1'))
  expect(statSync(join(folder, 'hadoop/a')).ino).toBe(ino)
})

test('loses the files that the next one has not', async () => {
  await replaceFileSet(folder, set('1', 'hadoop/a', 'hadoop/b'))
  await replaceFileSet(folder, set('2', 'hadoop/a'))
  expect(readdirSync(join(folder, 'hadoop'))).toEqual(['a'])
})

test('stays for its readers until the next but one', async () => {
  await replaceFileSet(folder, set('1'))
  const at = join(folder, readlinkSync(join(folder, '..data')), 'hadoop/b')
  const open = openSync(at, 'r')
  await replaceFileSet(folder, set('2'))
  expect([readFileSync(at, 'utf8'), read('hadoop/b')]).toEqual(['1', '2'])
  await replaceFileSet(folder, set('3'))
  expect(sets()).toHaveLength(2)
  expect(readFileSync(open, 'utf8')).toBe('1')
})

test('never shows a reader half of it, nor a moment without it', async () => {
  await replaceFileSet(folder, set('0'.repeat(4096)))
  let isDone = false
  const reading = (async () => {
    let reads = 0
    for (; !isDone; reads += 1) {
      const text = await readFile(join(folder, 'hadoop', reads % 2 === 0 ? 'a' : 'b'), 'utf8')
      if (text.length !== 4096 || text !== text.charAt(0).repeat(4096)) throw new Error('half of a file')
    }
    return reads
  })()
  for (let round = 1; round < 60; round += 1) await replaceFileSet(folder, set(String(round % 10).repeat(4096)))
  isDone = true
  expect(await reading).toBeGreaterThan(10)
})

test('is written whole over what a start that was killed has left', async () => {
  await replaceFileSet(folder, set('1'))
  const name = sets()[0] ?? ''
  rmSync(folder, { recursive: true })
  for (const left of [name, `${name}.unfinished`, '..link-data'])
    mkdirSync(join(folder, left, 'hadoop'), { recursive: true })
  writeFileSync(join(folder, name, 'hadoop/a'), 'half')
  await expect(replaceFileSet(folder, set('1'))).resolves.toBeUndefined()
  expect([read('hadoop/a'), read('hadoop/b')]).toEqual(['1', '1'])
  expect(readdirSync(folder).sort()).toEqual([name, '..data', 'hadoop'].sort())
})

test('that cannot be written leaves what was there', async () => {
  await replaceFileSet(folder, set('1'))
  await expect(replaceFileSet(folder, set('2', 'hadoop/a', 'hadoop/a/b'))).rejects.toThrow()
  expect([read('hadoop/a'), read('hadoop/b')]).toEqual(['1', '1'])
})
