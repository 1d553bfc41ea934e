/** The inner loop: lint, types and unit tests, side by side, without the real parts. */
import { printer, progressTo } from './lab/progress.ts'
import { closingLine, lint, sum, types, vitest } from './suite.ts'

const progress = progressTo(printer(process.stdout))
const tally = sum(await Promise.all([lint(progress), types(progress), vitest(progress, 'unit')]))
console.log(closingLine(tally))
process.exitCode = tally.failed > 0 ? 1 : 0
