/** Work that no two processes do at once, of whichever lab. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { LabError } from './errors.ts'

/** @param lock a file, made where there is none; flock(1) ends when this process closes its input, however it ends: no lock outlives its holder */
export async function alone(lock: string, work: () => Promise<void>): Promise<void> {
  const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(holder, 'close')
  const isHeld = await Promise.race([once(holder.stdout, 'data').then(() => true), ended.then(() => false)])
  if (!isHeld) throw new LabError(`\`${lock}\` cannot be locked`, 'may a file be made there?')
  try {
    await work()
  } finally {
    holder.stdin.end()
    await ended
  }
}
