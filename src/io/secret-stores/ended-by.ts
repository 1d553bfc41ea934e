/** The end that a caller sets to work on a store, whatever the work itself does about it. */
import { KerbsideError } from '../../core/errors.ts'

/** Settles as `work` does. @throws KerbsideError `secret-unavailable` as soon as the signal is aborted */
export async function endedBy<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (signal.aborted) throw tooLate()
  let end = () => {}
  const ended = new Promise<never>((_, reject) => {
    end = () => reject(tooLate())
    signal.addEventListener('abort', end, { once: true })
  })
  try {
    return await Promise.race([work(), ended])
  } finally {
    signal.removeEventListener('abort', end)
  }
}

const tooLate = () => new KerbsideError('secret-unavailable', 'the secret store does not answer in time')
