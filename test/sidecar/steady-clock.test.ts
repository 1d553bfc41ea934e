/** A clock that is set, a machine that sleeps: both are noticed, once, and nothing else is taken for them. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ClockWatch, type Jump, steadyClock } from '../../sidecar/steady-clock.ts'

function watched() {
  const time = { steady: 1_000_000, wall: 1_795_632_000_000, awake: 5000 }
  const jumps: Jump[] = []
  const clocks = { steady: () => time.steady, wall: () => time.wall, awake: () => time.awake }
  const watch = new ClockWatch(clocks, (jump) => jumps.push(jump))
  const pass = (ms: number, more: Partial<typeof time> = {}) => {
    for (const name of ['steady', 'wall', 'awake'] as const) time[name] += ms + (more[name] ?? 0)
    watch.look()
  }
  return { watch, jumps, pass }
}

test.each([600_000, -600_000])('a wall clock that jumps by %i ms is told once', (wall) => {
  const { watch, jumps, pass } = watched()
  pass(5000)
  pass(5000, { wall })
  pass(5000)
  watch.stop()
  expect(jumps).toEqual([{ what: 'set', ms: wall }])
})

test('a machine that slept for eight hours is told once, with a clock that went on and one that did not', () => {
  const { watch, jumps, pass } = watched()
  pass(5000)
  pass(8 * 3_600_000, { awake: -8 * 3_600_000 + 5000 })
  pass(5000)
  watch.stop()
  expect(jumps).toEqual([{ what: 'slept', ms: 8 * 3_600_000 - 5000 }])
})

test('a clock that is drawn right little by little, and a process that gets no time, are neither', () => {
  const { watch, jumps, pass } = watched()
  for (let look = 0; look < 1000; look++) pass(5000, { wall: look % 2 === 0 ? 900 : -300 })
  pass(120_000)
  watch.stop()
  expect(jumps).toEqual([])
})

test('the steady clock is the time since the machine started', () => {
  const seconds = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
  expect(steadyClock()).toBeGreaterThanOrEqual(seconds * 1000)
  expect(steadyClock()).toBeLessThan(seconds * 1000 + 60_000)
})
