/**
 * Work done by a process that lives for that work alone: native code and keytabs are never in the process that serves.
 * The task goes in by stdin and the answer comes out by stdout, so that nothing of it stands in an argument or a variable.
 * While stdin is open somebody waits for the answer; its end, also when the sidecar dies, calls the work off.
 */
import { spawn } from 'node:child_process'
import { basename, extname } from 'node:path'
import { kill } from 'node:process'
import { ERRORS, type ErrorCode, KerbsideError } from '../core/errors.ts'

export type OneShotProgram = {
  /** Its file, without the ending. */
  readonly program: string
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>
}

export type OneShotTask = {
  readonly task: unknown
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Called with what it says on the way to its answer. */
  readonly onNews?: (news: unknown) => void
}

/** A process that has loaded its code and waits for a task. It takes one. */
export type Waiting = {
  /** Says what the task will be about, so that what must be opened for it is open by then. */
  prepare(subject: unknown): void
  /** @throws KerbsideError what the program threw; `internal` when it died, or took longer than it may */
  run<T>(task: OneShotTask): Promise<T>
  /** There is no task for it. */
  discard(): void
}

/** One line of what a program is told; a task is the last. */
export type Told = { readonly prepare: unknown } | { readonly task: unknown }

/** One line of what a program says; the last one is its answer. */
export type Said =
  | { readonly news: unknown }
  | { readonly done: unknown }
  | { readonly failed: { readonly code: ErrorCode; readonly message: string; readonly hint?: string } }

/** For a program that was called off, to give back what it holds, such as its login at the secret store. */
export const CALLED_OFF_MS = 3000
const LONGEST_ANSWER = 4 << 20

/** Runs a program and gives back its answer. @throws KerbsideError as {@link Waiting.run} */
export function runOneShot<T>({ program, env, ...task }: OneShotProgram & OneShotTask): Promise<T> {
  return startOneShot({ program, env }).run<T>(task)
}

/** Starts the process before there is a task, so that its start is over by then. */
export function startOneShot({ program: path, env }: OneShotProgram): Waiting {
  const program = basename(path)
  // `.ts` as it stands in development, `.js` once compiled.
  const file = path + extname(import.meta.filename)
  const child = spawn(process.execPath, [file], {
    env,
    detached: true, // a group of its own, so that what it has started goes with it
    stdio: ['pipe', 'pipe', 'ignore'], // what Node prints when it crashes could quote a token
  })
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, killedBy) => resolve(killedBy ?? `exit code ${code}`))
  })
  child.stdin.on('error', () => undefined) // it died before it read its task: told below
  const killAll = () => killGroup(child.pid)
  child.on('exit', killAll)
  let force: NodeJS.Timeout | undefined
  const end = () => {
    child.stdin.end()
    force ??= setTimeout(killAll, CALLED_OFF_MS)
    void ended.then(() => clearTimeout(force))
  }
  const tell = (told: Told) => child.stdin.write(`${JSON.stringify(told)}\n`)
  return {
    prepare: (subject) => tell({ prepare: subject }),
    discard: end,
    async run<T>({ task, timeoutMs, signal, onNews }: OneShotTask): Promise<T> {
      let why: KerbsideError | undefined
      const callOff = (reason: string) => {
        why ??= new KerbsideError('internal', `${program} ${reason}`)
        end()
      }
      const onAbort = () => callOff('was called off')
      const timer = setTimeout(() => callOff(`took longer than ${timeoutMs / 1000} s`), timeoutMs)
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
      else tell({ task })
      try {
        const said = await answerOf(child.stdout, onNews)
        // Its answer is its last act: nobody waits for a process to end that has given one.
        const how = said === undefined || why !== undefined ? await ended : ''
        if (why !== undefined) throw why
        return unwrap<T>(said, `${program} (${how})`)
      } catch (error) {
        killAll()
        if (error instanceof KerbsideError) throw error
        const message = `${program} did not run: ${String((error as Error).message)}`
        throw new KerbsideError('internal', message, { cause: error })
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        end()
      }
    },
  }
}

/** A kinit whose parent was killed would hold its keytab for as long as its KDC is silent. */
function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) kill(-leader, 'SIGKILL')
  } catch {
    // Nobody is left in it.
  }
}

/** The first line that is no news; news on the way to it are passed on. Undefined when the program ended without one. */
async function answerOf(stdout: AsyncIterable<Buffer>, onNews?: (news: unknown) => void): Promise<Said | undefined> {
  let pending = ''
  for await (const chunk of stdout) {
    pending += chunk.toString('latin1')
    if (pending.length > LONGEST_ANSWER) throw new KerbsideError('internal', 'a helper process says too much')
    const lines = pending.split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) {
      const said = JSON.parse(Buffer.from(line, 'latin1').toString('utf8')) as Said
      if ('news' in said) onNews?.(said.news)
      else return said
    }
  }
  return undefined
}

function unwrap<T>(said: Said | undefined, who: string): T {
  if (said === undefined || 'news' in said) throw new KerbsideError('internal', `${who} ended without an answer`)
  if ('done' in said) return said.done as T
  const { code, message, hint } = said.failed
  throw new KerbsideError(Object.hasOwn(ERRORS, code) ? code : 'internal', message, hint === undefined ? {} : { hint })
}
