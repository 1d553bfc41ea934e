/** Why the sidecar ended, where the kubelet looks for it: `kubectl describe pod` shows it as the message of the terminated container. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { KerbsideError } from '../src/core/errors.ts'
import { linesOf, type Standing } from './health/standing.ts'

const TERMINATION_LOG = '/dev/termination-log'
/** The kubelet takes no more (`MaxContainerTerminationMessageLength`). */
const LONGEST_BYTES = 4096

/** Writes the message where the kubelet has put a file for it; elsewhere, as on a desk, there is none and none is made. */
export async function writeTerminationMessage(message: string, file = TERMINATION_LOG): Promise<void> {
  if (message === '') return
  const handle = await open(file, constants.O_WRONLY | constants.O_TRUNC).catch(() => undefined)
  if (handle === undefined) return
  try {
    await handle.write(Buffer.from(message).subarray(0, LONGEST_BYTES))
  } catch {
    // The message is in the log as well, which is what the kubelet takes instead.
  } finally {
    await handle.close()
  }
}

/** Of a sidecar that was stopped before it was of use, as after a start-up probe that gave up: what it waited for. */
export function whatIsMissing(standing: Standing): string {
  const missing = linesOf(standing).filter(({ isReady }) => !isReady)
  return missing.length === 0 ? '' : `stopped while not ready\n${missing.map(({ says }) => says).join('\n')}\n`
}

/** Of one that could not start. */
export const whyEnded = ({ message, hint }: KerbsideError): string =>
  hint === undefined ? `${message}\n` : `${message}\n  ${hint}\n`
