/** Puts small changes to the tests, one after the other, in a copy of the sources. */
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { change, changesOf } from './small-changes.ts'
import type { Survivor } from './survivor.ts'

/** A change that makes a loop endless is seen by this. */
const TIME_LIMIT_MS = 60_000

export type Tried = { readonly mutants: number; readonly survivors: readonly Survivor[] }

/** @param patterns of files, from the top of the repository */
export function tryEach(root: string, patterns: readonly string[], tell: (line: string) => void): Tried {
  const copy = mkdtempSync(join(tmpdir(), 'kerbside-mutation-'))
  try {
    for (const part of ['src', 'test', 'package.json']) cpSync(join(root, part), join(copy, part), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    if (isSeen(copy)) throw new Error('the tests fail before anything is changed')
    const all = globSync([...patterns], { cwd: root }).flatMap((file) => {
      const source = readFileSync(join(root, file), 'utf8')
      return changesOf(source).map((one) => ({ file, source, one }))
    })
    const survivors = all.flatMap(({ file, source, one }, index) => {
      writeFileSync(join(copy, file), change(source, one))
      const isKilled = isSeen(copy)
      writeFileSync(join(copy, file), source)
      const line = source.slice(0, one.at).split('\n').length
      tell(
        `${index + 1} of ${all.length}: ${file}:${line} ${one.from.trim()} → ${one.to} ${isKilled ? '' : 'survives'}`,
      )
      return isKilled ? [] : [{ file, line, code: source.split('\n')[line - 1] ?? '', from: one.from, to: one.to }]
    })
    return { mutants: all.length, survivors }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** Whether a test fails, or none comes to an end. */
function isSeen(cwd: string): boolean {
  const words = ['run', '--config', 'test/mutation/vitest.config.mjs', '--bail', '1', '--maxWorkers', '1']
  const { status } = spawnSync(join(cwd, 'node_modules/.bin/vitest'), words, {
    cwd,
    stdio: 'ignore',
    timeout: TIME_LIMIT_MS,
    killSignal: 'SIGKILL',
  })
  return status !== 0
}
