/** The other end of a one-shot: reads the task, answers it, and lets the process end. */
import { toKerbsideError } from '../core/errors.ts'
import type { Said, Told } from './one-shot.ts'

export type Way = {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
  /** Tells something before the answer is there. */
  readonly news: (news: unknown) => void
}

/** @param prepare is told, maybe, what the task will be about, while there is none yet; never throws */
export async function answerOneShot<Task, T, Subject = never>(
  work: (task: Task, way: Way) => Promise<T>,
  prepare?: (subject: Subject) => void,
): Promise<void> {
  const calledOff = new AbortController()
  const say = (said: Said) => process.stdout.write(`${JSON.stringify(said)}\n`)
  const given = await taskFrom(process.stdin, {
    onSubject: (subject) => prepare?.(subject as Subject),
    onEnd: () => calledOff.abort(),
  })
  if (given === undefined) return
  try {
    say({ done: await work(given.task as Task, { signal: calledOff.signal, news: (news) => say({ news }) }) })
  } catch (thrown) {
    const { code, message, hint } = toKerbsideError(thrown)
    say({ failed: { code, message, ...(hint === undefined ? {} : { hint }) } })
  }
  process.stdin.destroy()
}

type Listener = {
  readonly onSubject: (subject: unknown) => void
  /** Called when the other side closes or dies. */
  readonly onEnd: () => void
}

/** Resolves with undefined when the other side ends without a task. */
function taskFrom(stdin: NodeJS.ReadStream, { onSubject, onEnd }: Listener): Promise<{ task: unknown } | undefined> {
  return new Promise((resolve) => {
    let pending = ''
    stdin.setEncoding('utf8')
    stdin.on('data', (chunk) => {
      pending += String(chunk)
      const lines = pending.split('\n')
      pending = lines.pop() ?? ''
      for (const line of lines) {
        const told = JSON.parse(line) as Told
        if ('task' in told) resolve(told)
        else onSubject(told.prepare)
      }
    })
    const over = () => {
      onEnd()
      resolve(undefined)
    }
    stdin.on('end', over)
    stdin.on('error', over)
  })
}
