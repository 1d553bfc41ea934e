/** Puts small changes to the tests, one at a time in each of a few copies of the sources. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Change, change, changesOf } from './small-changes.ts'
import type { Survivor } from './survivor.ts'
import { testsOf } from './tests-of.ts'

export type Tried = { readonly mutants: number; readonly survivors: readonly Survivor[] }
type Task = { readonly file: string; readonly source: string; readonly one: Change }

/** @param patterns of files, from the top of the repository; @param copies so many work at once */
export async function tryEach(
  root: string,
  patterns: readonly string[],
  { copies, tell }: { readonly copies: number; tell(line: string): void },
): Promise<Tried> {
  const tasks = globSync([...patterns], { cwd: root }).flatMap((file): readonly Task[] => {
    const source = readFileSync(join(root, file), 'utf8')
    return changesOf(source).map((one) => ({ file, source, one }))
  })
  const left = tasks.entries()
  const survivors: Survivor[] = []

  async function work(): Promise<void> {
    const tests = testsOf(root)
    try {
      const unchanged = 'package.json'
      if (await tests.see(unchanged, readFileSync(join(root, unchanged), 'utf8'))) {
        throw new Error('the tests fail before anything is changed')
      }
      for (const [index, { file, source, one }] of left) {
        const isKilled = await tests.see(file, change(source, one))
        const line = source.slice(0, one.at).split('\n').length
        const told = `${one.from.trim()} → ${one.to} ${isKilled ? '' : 'survives'}`
        tell(`${index + 1} of ${tasks.length}: ${file}:${line} ${told}`)
        if (isKilled) continue
        survivors.push({ file, line, code: source.split('\n')[line - 1] ?? '', from: one.from, to: one.to })
      }
    } finally {
      tests.remove()
    }
  }

  await Promise.all(Array.from({ length: copies }, work))
  return { mutants: tasks.length, survivors }
}
