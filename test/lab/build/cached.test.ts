/** What several labs want of the cache at once is made once; a maker that fails leaves the way free. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cached } from './cached.ts'

const run = promisify(execFile)
const MODULE = join(import.meta.dirname, 'cached.ts')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-cached-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Another process, which writes its number a moment after it began. */
const maker = (path: string) => `
  import { writeFileSync, appendFileSync } from 'node:fs'
  import { setTimeout as wait } from 'node:timers/promises'
  import { cached } from '${MODULE}'
  await cached('${path}', async (unfinished) => {
    appendFileSync('${path}.made', 'once ')
    await wait(300)
    writeFileSync(unfinished, 'whole')
  })`

test('what four processes want at once is made once, and all of them have it', async () => {
  const path = join(folder, 'thing')
  await Promise.all([1, 2, 3, 4].map(() => run(process.execPath, ['--input-type=module', '-e', maker(path)])))
  expect([readFileSync(path, 'utf8'), readFileSync(`${path}.made`, 'utf8')]).toEqual(['whole', 'once '])
})

test('what fails is left to the next one, which is not kept waiting, and leaves nothing half-made', async () => {
  const path = join(folder, 'thing')
  const failing = cached(path, () => Promise.reject(new Error('no compiler')))
  await expect(failing).rejects.toThrow('no compiler')
  expect(readdirSync(folder)).toEqual(['.lock-thing'])
  await cached(path, async (unfinished) => writeFileSync(unfinished, 'whole'))
  expect(readFileSync(path, 'utf8')).toBe('whole')
})
