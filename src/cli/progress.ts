/** A word on stderr, now and then, from what takes longer than a person waits without one. */
import type { Terminal } from './terminal.ts'

const FIRST_MS = 2000
const EVERY_MS = 2000

/** @returns what to call as often as one likes with how far it has come; nothing is said in the first two seconds */
export function progressOn(terminal: Terminal): (say: () => string) => void {
  const began = performance.now()
  let next = began + FIRST_MS
  return (say) => {
    const now = performance.now()
    if (now < next) return
    next = now + EVERY_MS
    terminal.err(terminal.paint('dim', `${((now - began) / 1000).toFixed(1)} s: ${say()}`))
  }
}

/** `1,234,567`. */
export const grouped = (count: number): string => count.toLocaleString('en-US')

/** `310 MB`. */
export const megabytes = (bytes: number): string => `${grouped(Math.round(bytes / 1e6))} MB`
