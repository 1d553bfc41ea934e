/** The parts of the test run as counted steps: each says how many tests passed, failed and were skipped, and which failed. */
import { type SpawnOptions, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import type { EnterOptions } from './lab/namespace.ts'
import type { Progress } from './lab/part.ts'

export type Tally = {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** What failed, and how it said so: told once more at the end, where who reads a long log looks first. */
  readonly failures?: readonly string[]
}

export const ROOT = join(import.meta.dirname, '..')
const BIN = join(ROOT, 'node_modules/.bin')

export const sum = (tallies: readonly Tally[]): Tally => ({
  passed: tallies.reduce((total, { passed }) => total + passed, 0),
  failed: tallies.reduce((total, { failed }) => total + failed, 0),
  skipped: tallies.reduce((total, { skipped }) => total + skipped, 0),
  failures: tallies.flatMap(({ failures = [] }) => failures),
})

/** A part that came to nothing, as one failed test. */
export const failedAs = (name: string, why: string): Tally => ({
  passed: 0,
  failed: 1,
  skipped: 0,
  failures: [`${name}\n${why}`],
})

export const closingLine = ({ passed, failed, skipped }: Tally): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

/** A command that must end with 0, counted as one test. Its output is printed when it fails. */
export async function command(progress: Progress, name: string, words: readonly string[]): Promise<Tally> {
  const { code, output } = await progress.step(name, () => run(words, { stdio: ['ignore', 'pipe', 'pipe'] }))
  if (code !== 0) progress.note(`${name} failed:\n${output}`)
  return code === 0 ? { passed: 1, failed: 0, skipped: 0 } : failedAs(name, lastLines(output))
}

const lastLines = (output: string): string => output.trimEnd().split('\n').slice(-LINES_TOLD).join('\n')
const LINES_TOLD = 20

export const lint = (progress: Progress) =>
  command(progress, 'lint', [join(BIN, 'biome'), 'check', '--error-on-warnings', '.'])

/** What did not change since the last run is not read again. */
export async function types(progress: Progress): Promise<Tally> {
  const check = (project: string) => {
    const known = join(ROOT, 'node_modules/.cache', `${project}.tsbuildinfo`)
    return [join(BIN, 'tsc'), '-p', project, '--incremental', '--tsBuildInfoFile', known]
  }
  return sum([
    await command(progress, 'types of the core', check('tsconfig.core.json')),
    await command(progress, 'types', check('tsconfig.json')),
  ])
}

/** How a command is started: on this machine, or inside a lab. */
export type Start = (words: readonly string[], options: EnterOptions) => ReturnType<typeof spawn>

const here: Start = ([file = '', ...args], { stdio }) => spawn(file, args, { cwd: ROOT, stdio: stdio ?? 'inherit' })

type Where = {
  readonly start?: Start
  /** Only the tests in these folders; then with the name of the run. */
  readonly only?: { readonly name: string; readonly folders: readonly string[] }
}

/** Tests of one vitest project, counted from its JSON report; a run that leaves no report counts as one failure. */
export async function vitest(
  progress: Progress,
  project: 'unit' | 'laws' | 'programs' | 'lab' | 'lifecycle',
  { start = here, only }: Where = {},
): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-test-'))
  const report = join(folder, 'report.json')
  const quiet = project !== 'lab'
  const words = [
    ...[process.execPath, join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', project],
    ...['--reporter', quiet ? 'dot' : 'verbose', '--reporter', 'json', `--outputFile.json=${report}`],
    // With a slash: what vitest is given may stand anywhere in a path, and `cli` is the beginning of `clients`.
    ...(only?.folders ?? []).map((folder) => `${folder}/`),
  ]
  try {
    const stdio: SpawnOptions['stdio'] = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit']
    const { code, output } = await progress.step(`${project} tests${only === undefined ? '' : `: ${only.name}`}`, () =>
      run(words, { stdio }, start),
    )
    const tally = readReport(report) ?? failedAs(`${project} tests`, 'left no report')
    if (quiet && code !== 0) progress.note(output)
    return code !== 0 && tally.failed === 0
      ? sum([tally, failedAs(`${project} tests`, `ended with ${code}\n${lastLines(output)}`)])
      : tally
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What is read of vitest's JSON report, which has the shape of Jest's. */
type Report = {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly TestFile[]
}
type TestFile = {
  readonly name: string
  readonly status: string
  readonly message?: string
  readonly assertionResults: readonly {
    readonly status: string
    readonly fullName: string
    readonly failureMessages?: readonly string[] | null
  }[]
}

function readReport(file: string): Tally | undefined {
  if (!existsSync(file)) return undefined
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
    failures: report.testResults.flatMap(failuresIn),
  }
}

/** A file that failed before its first test says so itself. */
function failuresIn({ name, status, message = '', assertionResults }: TestFile): readonly string[] {
  const failed = assertionResults.filter(({ status }) => status === 'failed')
  if (failed.length === 0) return status === 'failed' ? [`${relative(ROOT, name)}\n${message}`] : []
  return failed.map(({ fullName, failureMessages }) =>
    [`${relative(ROOT, name)} > ${fullName}`, ...(failureMessages ?? [])].join('\n'),
  )
}

async function run(words: readonly string[], options: EnterOptions, start: Start = here) {
  const child = start(words, { ...options, cwd: ROOT })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)))
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
  return { code, output }
}
