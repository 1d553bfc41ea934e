/** A copy of the sources, and the tests over it, as often as asked. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A change that makes a loop endless is seen by this. */
const TIME_LIMIT_MS = 120_000

export type TestsOf = {
  /** Whether a test fails, or none comes to an end, with one file as given and all others as they were copied. */
  see(file: string, text: string): Promise<boolean>
  remove(): void
}

export function testsOf(root: string): TestsOf {
  const copy = mkdtempSync(join(tmpdir(), 'kerbside-mutation-'))
  for (const part of ['src', 'test', 'package.json']) cpSync(join(root, part), join(copy, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  let running: ChildProcess | undefined
  let before: string | undefined

  return {
    async see(file, text) {
      const changed = [...new Set([before ?? file, file])]
      if (before !== undefined) cpSync(join(root, before), join(copy, before))
      writeFileSync(join(copy, file), text)
      before = file
      running ??= fork(join(copy, 'test/mutation/put-to-tests.ts'), {
        cwd: copy,
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      })
      running.send(changed.map((one) => join(copy, one)))
      const done = new AbortController()
      const answer: unknown = await Promise.race([
        once(running, 'message', done).then(([isSeen]) => isSeen),
        once(running, 'exit', done),
        wait(TIME_LIMIT_MS, undefined, done),
      ]).finally(() => done.abort())
      if (typeof answer === 'boolean') return answer
      running.kill('SIGKILL')
      running = undefined
      return true
    },
    remove() {
      running?.kill('SIGKILL')
      rmSync(copy, { recursive: true, force: true })
    },
  }
}
