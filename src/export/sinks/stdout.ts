/** Records on standard output, a line each: for whoever collects the logs of pods. Our own log goes to standard error. */
import type { Writable } from 'node:stream'
import { KerbsideError } from '../../core/errors.ts'
import type { Sink } from './sink.ts'

export const stdoutSink = (stream: Writable): Sink => ({
  batchBytes: 1 << 20,
  everyMs: 1000,
  async resume() {},
  async write({ records }) {
    const text = records.map(({ line }) => `${line}\n`).join('')
    // Who reads it may be slow: the next batch waits until this one is taken.
    await new Promise<void>((resolve, reject) => {
      stream.write(text, (failure) => {
        if (failure == null) resolve()
        else reject(new KerbsideError('export-failed', 'standard output takes nothing', { cause: failure }))
      })
    })
  },
  async close() {},
})
