/** Programs that are started while policy is still on its way: by the time there is a task for one, its own start is over. */
import { kerberosEnv, runFiles } from '../../src/io/kerberos/run-files.ts'
import { type OneShotProgram, startOneShot, type Waiting } from '../../src/io/one-shot.ts'
import { ACQUIRE, NEGOTIATE } from './programs.ts'

export type ProgramName = 'acquire' | 'negotiate'

/** A program without a task has memory and does nothing, so it is let go when policy takes longer than usual. */
const UNUSED_MS = 20_000

/** What each is started as. */
export function programsOf(runDirectory: string): Readonly<Record<ProgramName, OneShotProgram>> {
  const { krb5Conf, cache } = runFiles(runDirectory)
  return {
    acquire: { program: ACQUIRE, env: {} },
    negotiate: { program: NEGOTIATE, env: kerberosEnv(krb5Conf, cache) },
  }
}

export class Ahead {
  readonly #runDirectory: string
  readonly #waiting = new Map<ProgramName, Waiting>()
  readonly #timer: NodeJS.Timeout

  constructor(runDirectory: string) {
    this.#runDirectory = runDirectory
    this.#timer = setTimeout(() => this.close(), UNUSED_MS).unref()
  }

  start(name: ProgramName): void {
    if (!this.#waiting.has(name)) this.#waiting.set(name, startOneShot(programsOf(this.#runDirectory)[name]))
  }

  /** Tells the one that waits, if there is one, what its task will be about. */
  prepare(name: ProgramName, subject: unknown): void {
    this.#waiting.get(name)?.prepare(subject)
  }

  /** The one that waits, once; undefined when there is none. */
  take(name: ProgramName): Waiting | undefined {
    const waiting = this.#waiting.get(name)
    this.#waiting.delete(name)
    return waiting
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const waiting of this.#waiting.values()) waiting.discard()
    this.#waiting.clear()
  }
}
