/** Keeps one sink fed: reads on where its cursor stands, tries again for as long as it takes, and says how far behind it is. */
import { type BackOff, backOffMs } from '../core/back-off.ts'
import { ERRORS, type ErrorCode, KerbsideError } from '../core/errors.ts'
import type { Cursor } from './cursor.ts'
import { type Next, nextBatch } from './follow.ts'
import type { Sink } from './sinks/sink.ts'

/** What is said of a sink at any moment. */
export type Standing = {
  readonly state: 'starting' | 'running' | 'failing'
  /** Of the last failure, while it fails. */
  readonly code?: ErrorCode
  readonly records: number
  readonly failures: ReadonlyMap<ErrorCode, number>
  readonly unreadable: number
  readonly behindBytes: number
  /** When it last had everything that there was, milliseconds since the epoch. */
  readonly currentAt: number
}

export type Running = {
  standing(): Standing
  /** Resolves when what is being written is written, or at once when that fails. */
  stop(): Promise<void>
}

export type RunOptions = {
  readonly directory: string
  readonly sink: Sink
  readonly cursor: Cursor
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly random: () => number
  /** Told what a log may have: nothing of a record. */
  readonly onFailure: (failure: Pick<KerbsideError, 'code' | 'message' | 'hint'>) => void
}

const BACK_OFF: BackOff = { firstMs: 500, longestMs: 60_000 }

export function runSink({ directory, sink, cursor, clock, random, onFailure }: RunOptions): Running {
  const stopping = new AbortController()
  const failures = new Map<ErrorCode, number>()
  let state: Standing['state'] = 'starting'
  let code: ErrorCode | undefined
  let [records, unreadable, behindBytes, currentAt] = [0, 0, 0, clock()]

  /** Tries until it is done, longer and longer apart. Nothing when it failed and we are to stop. */
  async function insist<T>(work: () => Promise<T>): Promise<{ readonly done: T } | undefined> {
    for (let count = 1; ; count++) {
      try {
        const done = await work()
        state = 'running'
        code = undefined
        return { done }
      } catch (thrown) {
        const failure = harmless(thrown)
        state = 'failing'
        code = failure.code
        failures.set(code, (failures.get(code) ?? 0) + 1)
        onFailure(failure)
        if (stopping.signal.aborted) return undefined
        await pause(backOffMs(BACK_OFF, count, random()))
        if (stopping.signal.aborted) return undefined
      }
    }
  }

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        stopping.signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      stopping.signal.addEventListener('abort', done)
      if (stopping.signal.aborted) done()
    })

  async function put({ batch, step, ...next }: Next): Promise<void> {
    if (batch.records.length > 0 && (await insist(() => sink.write(batch))) === undefined) return
    if (step !== undefined && (await insist(() => cursor.commit(step))) === undefined) return
    records += batch.records.length
    unreadable += next.unreadable
    behindBytes = next.behindBytes
  }

  async function run(): Promise<void> {
    if ((await insist(() => sink.resume(cursor.position.batch))) === undefined) return
    const { batchBytes } = sink
    while (!stopping.signal.aborted) {
      const from = clock()
      const next = await insist(() => nextBatch({ directory, position: cursor.position, batchBytes, clock }))
      if (next === undefined) return
      await put(next.done)
      if (next.done.behindBytes > 0) continue
      if (!stopping.signal.aborted && state === 'running') currentAt = from
      await insist(async () => sink.tidy?.())
      await pause(sink.everyMs)
    }
  }

  const running = run()
  return {
    standing: () => ({
      state,
      ...(code === undefined ? {} : { code }),
      records,
      failures,
      unreadable,
      behindBytes,
      currentAt,
    }),
    async stop() {
      stopping.abort()
      await running
      await sink.close()
      await cursor.close()
    },
  }
}

/** What is not ours may quote what it could not digest: of that a log has the name, and where in the code it was. */
function harmless(thrown: unknown): KerbsideError {
  if (thrown instanceof KerbsideError) return thrown
  const { name, stack = '' } = thrown instanceof Error ? thrown : new Error()
  const at = stack.split('\n').filter((line) => /^ {4}at /.test(line))
  return new KerbsideError('internal', `${ERRORS.internal.sentence}: ${[name, ...at.slice(0, 4)].join('\n')}`, {
    cause: thrown,
  })
}
