/** No test with real parts is left out of the labs, and none runs in two. */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LAB_RUNS } from './labs.ts'

const ROOT = join(import.meta.dirname, '..')

test('every test that runs in a lab is in the folders of exactly one of them', () => {
  const files = globSync('test/{e2e,lab}/**/*.test.ts', { cwd: ROOT })
  expect(files.length).toBeGreaterThan(30)
  const folders = LAB_RUNS.flatMap((run) => run.folders)
  for (const file of files) {
    expect([file, folders.filter((folder) => file.startsWith(`${folder}/`)).length]).toEqual([file, 1])
  }
})
