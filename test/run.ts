/** Everything: lint, types, unit tests and laws, then labs side by side for all that needs the real parts, then the two demos as a newcomer starts them. */
import { type OuterLab, up } from './lab/lab.ts'
import { whyNot } from './lab/namespace.ts'
import type { Progress } from './lab/part.ts'
import { type ProgressSink, printer, progressTo } from './lab/progress.ts'
import { LAB_RUNS, type LabRun } from './labs.ts'
import { closingLine, command, failedAs, lint, ROOT, sum, type Tally, types, vitest } from './suite.ts'

const MUST_NOT_SKIP = process.env['CI'] === 'true'
const print = printer(process.stdout)
const progress = progressTo(print)

const inner = await Promise.all([lint(progress), types(progress), vitest(progress, 'unit')])
const laws = await vitest(progress, 'laws')
const programs = await vitest(progress, 'programs')
const outer = await withRealParts(progress)
const tally = sum([...inner, laws, programs, ...outer])
for (const failure of tally.failures ?? []) console.log(`\nfailed: ${failure}`)
console.log(closingLine(tally))
process.exitCode = tally.failed > 0 ? 1 : 0

async function withRealParts(progress: Progress): Promise<Tally[]> {
  const problem = whyNot() ?? (process.getuid?.() === 0 ? undefined : 'the tests with real parts need root')
  if (problem !== undefined) {
    progress.note(problem)
    return [MUST_NOT_SKIP ? failedAs('real parts', problem) : { passed: 0, failed: 0, skipped: 1 }]
  }
  return [
    await vitest(progress, 'lifecycle'),
    ...(await inLabs()),
    await command(progress, 'fuzz', [process.execPath, `${ROOT}/test/fuzz/main.ts`, '--minutes', '2']),
    await command(progress, 'demo', [process.execPath, `${ROOT}/test/demo/main.ts`, '--name', `demo-${process.pid}`]),
    await command(progress, 'demo --cluster', [
      ...[process.execPath, `${ROOT}/test/demo/main.ts`, '--cluster', '--name', `demo-${process.pid}`],
    ]),
  ]
}

/** One lab comes up while the tests in the one before run, and the soak begins when all are up: what they need is fetched once. */
async function inLabs(): Promise<Tally[]> {
  const running: Promise<Tally>[] = []
  for (const run of LAB_RUNS) {
    // Another lab is at work, so the steps of this one bear its name.
    const sink: ProgressSink = (event) =>
      print(event.event === 'note' ? event : { ...event, step: `${run.name}: ${event.step}` })
    try {
      running.push(testIn(await up(run.parts, { name: `test-${run.name}-${process.pid}`, sink }), run))
    } catch (error) {
      running.push(Promise.resolve(failedBy(run, error)))
    }
  }
  const soak = [process.execPath, `${ROOT}/test/soak/main.ts`, '--minutes', '5']
  return Promise.all([...running, command(progress, 'soak', soak)])
}

async function testIn(lab: OuterLab, run: LabRun): Promise<Tally> {
  try {
    const tests = vitest(progress, 'lab', { start: (words, options) => lab.spawn(words, options), only: run })
    const death = lab.died.then((why) => Promise.reject(why))
    return await Promise.race([tests, death])
  } catch (error) {
    return failedBy(run, error)
  } finally {
    await lab.down()
  }
}

function failedBy({ name }: LabRun, error: unknown): Tally {
  const why = error instanceof Error ? error.message : String(error)
  progress.note(why)
  return failedAs(`lab ${name}`, why)
}
