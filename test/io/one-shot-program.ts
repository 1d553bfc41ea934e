/** A program of one task, for the test of how such are run: the task says how it behaves. */
import { writeSync } from 'node:fs'
import { answerOneShot } from '../../src/io/answer-one-shot.ts'

type Task = {
  readonly lingers?: true
  readonly dies?: true
  readonly never?: true
  readonly news?: readonly string[]
  readonly tells?: true
}

const subjects: unknown[] = []

await answerOneShot(
  async ({ lingers, dies, never, news = [], tells }: Task, way) => {
    for (const one of news) way.news(one)
    if (tells === true) way.news(subjects)
    if (lingers === true) setTimeout(() => undefined, 600_000)
    if (dies === true) process.kill(process.pid, 'SIGKILL')
    if (never === true) await new Promise((resolve) => way.signal.addEventListener('abort', resolve))
    writeSync(2, 'nobody reads this')
    return process.pid
  },
  (subject) => subjects.push(subject),
)
