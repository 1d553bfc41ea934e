/** The other end of a one-shot: reads the task, answers it, and lets the process end. */
import { toKerbsideError } from '../core/errors.ts'
import type { Said } from './one-shot.ts'

export type Way = {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  /** Tells something before the answer is there. */
  readonly news: (news: unknown) => void
}

export async function answerOneShot<Task, T>(work: (task: Task, way: Way) => Promise<T>): Promise<void> {
  const calledOff = new AbortController()
  const say = (said: Said) => process.stdout.write(`${JSON.stringify(said)}\n`)
  const task = await taskFrom(process.stdin, () => calledOff.abort())
  if (task === undefined) return
  try {
    say({ done: await work(JSON.parse(task) as Task, { signal: calledOff.signal, news: (news) => say({ news }) }) })
  } catch (thrown) {
    const { code, message, hint } = toKerbsideError(thrown)
    say({ failed: { code, message, ...(hint === undefined ? {} : { hint }) } })
  }
  process.stdin.destroy()
}

/** The first line; undefined when there is none. `onEnd` is called when the other side closes or dies. */
function taskFrom(stdin: NodeJS.ReadStream, onEnd: () => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    let pending = ''
    stdin.setEncoding('utf8')
    stdin.on('data', (chunk) => {
      pending += String(chunk)
      const end = pending.indexOf('\n')
      if (end !== -1) resolve(pending.slice(0, end))
    })
    const over = () => {
      onEnd()
      resolve(undefined)
    }
    stdin.on('end', over)
    stdin.on('error', over)
  })
}
