/**
 * A vitest that stays, so that a change costs its tests and not a start: it is told which files are others now, and says
 * whether a test fails. A process of its own, started by tests-of.ts in a copy of the sources.
 */
import { createVitest } from 'vitest/node'

const vitest = await createVitest('test', {
  config: 'test/mutation/vitest.config.mjs',
  bail: 1,
  maxWorkers: 1,
  watch: false,
  reporters: [{}],
})
const tests = await vitest.globTestSpecifications()

process.on('message', async (files: readonly string[]) => {
  for (const file of files) vitest.invalidateFile(file)
  const { testModules, unhandledErrors } = await vitest.rerunTestSpecifications(tests)
  process.send?.(unhandledErrors.length > 0 || testModules.length === 0 || testModules.some((module) => !module.ok()))
})
process.on('disconnect', () => process.exit())
