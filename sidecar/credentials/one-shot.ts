/**
 * Work done by a process that lives for that work alone: native code and keytabs are never in the process that serves.
 * The task goes in by stdin and the answer comes out by stdout, so that nothing of it stands in an argument or a variable.
 */
import { spawn } from 'node:child_process'
import { extname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { ERRORS, type ErrorCode, KerbsideError, toKerbsideError } from '../../src/core/errors.ts'

export type OneShot = {
  /** Name of a program in this folder, without its ending. */
  readonly program: 'acquire' | 'negotiate'
  readonly task: unknown
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

type Answer<T> =
  | { readonly done: T }
  | { readonly failed: { readonly code: ErrorCode; readonly message: string; readonly hint?: string } }

const LARGEST_ANSWER_BYTES = 4 << 20

/**
 * Runs a program of this folder and gives back its answer.
 * @throws KerbsideError what the program threw; `internal` when it died
 */
export async function runOneShot<T>({ program, task, env, timeoutMs, signal }: OneShot): Promise<T> {
  // `.ts` as it stands in development, `.js` once compiled.
  const file = join(import.meta.dirname, program + extname(import.meta.filename))
  const child = spawn(process.execPath, [file], {
    env,
    stdio: ['pipe', 'pipe', 'ignore'], // what Node prints when it crashes could quote a token
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    signal,
  })
  const ended = new Promise<string>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, killedBy) => resolve(killedBy ?? `exit code ${code}`))
  })
  child.stdin.on('error', () => undefined) // it died before it read its task: told below
  child.stdin.end(JSON.stringify(task))
  try {
    const [said, end] = await Promise.all([limitedText(child.stdout), ended])
    return unwrap<T>(said, `${program} (${end})`)
  } catch (error) {
    child.kill('SIGKILL')
    if (error instanceof KerbsideError) throw error
    throw new KerbsideError('internal', `${program} did not run: ${String((error as Error).message)}`, { cause: error })
  }
}

async function limitedText(stdout: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdout) {
    length += chunk.length
    if (length > LARGEST_ANSWER_BYTES) throw new KerbsideError('internal', 'the answer of a helper process is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function unwrap<T>(said: string, who: string): T {
  let answer: Answer<T>
  try {
    answer = JSON.parse(said) as Answer<T>
  } catch {
    throw new KerbsideError('internal', `${who} ended without an answer`)
  }
  if ('done' in answer) return answer.done
  const { code, message, hint } = answer.failed
  throw new KerbsideError(Object.hasOwn(ERRORS, code) ? code : 'internal', message, hint === undefined ? {} : { hint })
}

/** The other end: reads the task, answers it, and lets the process end. */
export async function answerOneShot<Task, T>(work: (task: Task) => Promise<T>): Promise<void> {
  let answer: Answer<T>
  try {
    answer = { done: await work(JSON.parse(await text(process.stdin)) as Task) }
  } catch (thrown) {
    const { code, message, hint } = toKerbsideError(thrown)
    answer = { failed: { code, message, ...(hint === undefined ? {} : { hint }) } }
  }
  process.stdout.write(JSON.stringify(answer))
}
