/** PolicyTests that a narrower policy no longer passes: somebody has written down that the access is wanted. */

import { runTests } from '../answers/run-tests.ts'
import type { Bundle, PolicyCase } from '../bundle.ts'

/** @param now for cases that name no time, milliseconds since the epoch */
export function lostTests(before: Bundle, after: Bundle, now: number): readonly PolicyCase[] {
  const failing = new Set(runTests(before, now).flatMap(({ test, passed }) => (passed ? [] : [test.at])))
  return runTests({ ...after, tests: before.tests }, now).flatMap(({ test, passed }) =>
    passed || failing.has(test.at) ? [] : [test],
  )
}
