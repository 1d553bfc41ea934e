/** Everything: lint, types, unit tests and laws, then one lab for all that needs the real parts, then the two demos as a newcomer starts them. */
import { up } from './lab/lab.ts'
import { whyNot } from './lab/namespace.ts'
import type { Progress } from './lab/part.ts'
import { printer, progressTo } from './lab/progress.ts'
import { closingLine, command, lint, ROOT, sum, type Tally, types, vitest } from './suite.ts'

const MUST_NOT_SKIP = process.env['CI'] === 'true'
const progress = progressTo(printer(process.stdout))

const inner = await Promise.all([lint(progress), types(progress), vitest(progress, 'unit')])
const laws = await vitest(progress, 'laws')
const programs = await vitest(progress, 'programs')
const outer = await withRealParts(progress)
const tally = sum([...inner, laws, programs, ...outer])
console.log(closingLine(tally))
process.exitCode = tally.failed > 0 ? 1 : 0

async function withRealParts(progress: Progress): Promise<Tally[]> {
  const problem = whyNot() ?? (process.getuid?.() === 0 ? undefined : 'the tests with real parts need root')
  if (problem !== undefined) {
    progress.note(problem)
    return [MUST_NOT_SKIP ? { passed: 0, failed: 1, skipped: 0 } : { passed: 0, failed: 0, skipped: 1 }]
  }
  return [
    await vitest(progress, 'lifecycle'),
    await inLab(progress),
    await command(progress, 'fuzz', [process.execPath, `${ROOT}/test/fuzz/main.ts`, '--minutes', '2']),
    await command(progress, 'demo', [process.execPath, `${ROOT}/test/demo/main.ts`, '--name', `demo-${process.pid}`]),
    await command(progress, 'demo --cluster', [
      ...[process.execPath, `${ROOT}/test/demo/main.ts`, '--cluster', '--name', `demo-${process.pid}`],
    ]),
  ]
}

async function inLab(progress: Progress): Promise<Tally> {
  try {
    const lab = await up(
      ['data', 'kms', 'router', 'plain-hdfs', 'hadoop-tests', 'clients', 'openbao', 'moto', 'cluster'],
      {
        name: `test-${process.pid}`,
        sink: printer(process.stdout),
      },
    )
    try {
      const tests = vitest(progress, 'lab', (words, options) => lab.spawn(words, options))
      const death = lab.died.then((why) => Promise.reject(why))
      return await Promise.race([tests, death])
    } finally {
      await lab.down()
    }
  } catch (error) {
    progress.note(error instanceof Error ? error.message : String(error))
    return { passed: 0, failed: 1, skipped: 0 }
  }
}
