/** Steps with names and elapsed times: counted where the work is, printed where the person is. */
import type { Progress } from './part.ts'

/** What crosses the lab's control socket, so that steps inside print outside. */
export type ProgressEvent =
  | { readonly event: 'began'; readonly step: string }
  | { readonly event: 'ended'; readonly step: string; readonly ms: number; readonly failed: boolean }
  | { readonly event: 'note'; readonly text: string }

export type ProgressSink = (event: ProgressEvent) => void

export function progressTo(sink: ProgressSink): Progress {
  return {
    async step(step, work) {
      const begun = performance.now()
      let failed = true
      sink({ event: 'began', step })
      try {
        const value = await work()
        failed = false
        return value
      } finally {
        sink({ event: 'ended', step, ms: performance.now() - begun, failed })
      }
    },
    note: (text) => sink({ event: 'note', text }),
  }
}

/** Without a terminal, a step that runs long says so now and then, so that nobody takes a build for a hang. */
const REMINDER_MS = 30_000

/** One line a step, when it ends; on a terminal the running ones are shown below, in place. */
export function printer(stream: NodeJS.WriteStream): ProgressSink {
  const running = new Map<string, { begun: number; reminder: NodeJS.Timeout }>()
  const live = stream.isTTY === true
  let ticker: NodeJS.Timeout | undefined

  const print = (line: string) => stream.write(live ? `\r\x1b[K${line}\n` : `${line}\n`)
  const redraw = () => {
    if (!live) return
    const now = performance.now()
    const line = [...running].map(([step, { begun }]) => `${step} ${seconds(now - begun)}`).join(' · ')
    stream.write(`\r\x1b[K${line.slice(0, Math.max(0, (stream.columns ?? 80) - 1))}`)
  }

  return (event) => {
    if (event.event === 'note') print(`  ${event.text}`)
    if (event.event === 'began') {
      const begun = performance.now()
      const remind = () => live || print(`  ${event.step} … still running, ${seconds(performance.now() - begun)}`)
      running.set(event.step, { begun, reminder: setInterval(remind, REMINDER_MS).unref() })
    }
    if (event.event === 'ended') {
      clearInterval(running.get(event.step)?.reminder)
      running.delete(event.step)
      print(`  ${event.step} … ${event.failed ? 'failed after ' : ''}${seconds(event.ms)}`)
    }
    redraw()
    if (running.size === 0) clearInterval(ticker)
    if (running.size === 0) ticker = undefined
    else if (live) ticker ??= setInterval(redraw, 200).unref()
  }
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
