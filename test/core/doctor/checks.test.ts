/** The table of checks: nothing waits for what comes after it, and all of it ends within a minute. */
import { expect, test } from 'vitest'
import { ALL_WITHIN_MS, CHECK_NAMES, CHECKS, longestMs } from '../../../src/core/doctor/checks.ts'

test('a check needs only what stands above it, so that the screen reads from cause to effect', () => {
  for (const [index, name] of CHECK_NAMES.entries()) {
    for (const need of CHECKS[name].needs)
      expect(CHECK_NAMES.indexOf(need), `${name} needs ${need}`).toBeLessThan(index)
  }
})

test('whatever hangs, the last check has ended within a minute, with room to start and to clear up', () => {
  for (const name of CHECK_NAMES) expect(longestMs(name), name).toBeLessThanOrEqual(ALL_WITHIN_MS - 5000)
})

test('a key is never shown before a KDC has answered without it', () => {
  expect(CHECKS.ticket.needs).toContain('kdc')
})
