/** How long a person waits at the desk: the commands of `kerbside policy` as they are installed, on a policy as large as a bank's. */
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from '../../deploy/image/bundle.ts'
import { printer, progressTo } from '../lab/progress.ts'
import { ROOT } from '../suite.ts'
import { type LargeAudit, RECORDS, writeLargeAudit } from './large-audit.ts'
import { largePolicy, prefixOf } from './large-policy.ts'
import { writePolicy } from './policy-text.ts'
import { ratio, say, sayGoal } from './row.ts'

type Desk = {
  readonly kerbside: string
  readonly before: string
  readonly after: string
  /** The first of the two, as one file. */
  readonly bundle: string
  readonly audit: LargeAudit
}

type Question = {
  /** Of the group `policy`. */
  readonly command: string
  readonly what: string
  readonly goalSeconds: number
  readonly args: (desk: Desk) => readonly string[]
}

const QUESTIONS: readonly Question[] = [
  { command: 'check', what: '', goalSeconds: 2, args: ({ before }) => [before] },
  { command: 'diff', what: ' of two such policies', goalSeconds: 3, args: ({ before, after }) => [before, after] },
  { command: 'who-can', what: ' read PATH', goalSeconds: 1, args: ({ before }) => ['read', PATH, before] },
  { command: 'who-can', what: ' read PATH, in a bundle', goalSeconds: 1, args: ({ bundle }) => ['read', PATH, bundle] },
  {
    command: 'replay',
    what: ` of ${RECORDS.toLocaleString('en-US')} records`,
    goalSeconds: 20,
    args: ({ audit, after }) => [audit.folder, '--policy', after],
  },
]

const PATH = `${prefixOf(4711)}/part-0.parquet`
const START_GOAL_MS = 300
const ROUNDS = 3

/** Says a row for each command; one that the command line does not have is left out with a word. */
export async function benchDesk(): Promise<void> {
  // Inside the checkout, so that it finds the packages.
  const bundled = join(ROOT, 'dist', `bench-${process.pid}`)
  await bundle(ROOT, bundled)
  const kerbside = join(bundled, 'src/kerbside.js')
  const folders: string[] = []
  const made = (folder: string): string => {
    folders.push(folder)
    return folder
  }
  try {
    await benchStart(kerbside)
    const known = (await run([kerbside, 'policy', '--help'])).output
    const asked = QUESTIONS.filter(({ command }) => {
      const isThere = new RegExp(`^  ${command}\\b`, 'm').test(known)
      if (!isThere) console.log(`\`kerbside policy ${command}\` is not there yet: left out`)
      return isThere
    })
    const before = made(writePolicy(largePolicy()))
    const after = made(writePolicy(largePolicy(undefined, true)))
    const audit = asked.some(({ command }) => command === 'replay') ? await writtenAudit() : NO_AUDIT
    if (audit !== NO_AUDIT) made(audit.folder)
    const bundle = join(before, 'policy.json')
    await run([kerbside, 'policy', 'build', before, '--sequence', '1', '--unsigned', '--skip-tests', '--out', bundle])
    for (const question of asked) await answer(question, { kerbside, before, after, bundle, audit })
  } finally {
    rmSync(bundled, { recursive: true, force: true })
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
}

const NO_AUDIT: LargeAudit = { folder: '', records: 0 }

/** Takes longer than what it is for. */
const writtenAudit = (): Promise<LargeAudit> =>
  progressTo(printer(process.stderr)).step('records to replay', async () => writeLargeAudit())

/** Both by turns, since what else the machine does comes and goes. */
async function benchStart(kerbside: string): Promise<void> {
  const [ours, node]: [number[], number[]] = [[], []]
  for (let round = 0; round < 3 * ROUNDS; round++) {
    node.push((await run(['-e', '0'])).ms)
    ours.push((await run([kerbside, 'policy', '--help'])).ms)
  }
  const [oursMs, nodeMs] = [median(ours), median(node)]
  say({
    what: `start: kerbside policy --help, goal ≤ ${START_GOAL_MS} ms`,
    ours: `${oursMs.toFixed(0)} ms`,
    beside: `${nodeMs.toFixed(0)} ms of \`node -e 0\``,
    ratio: ratio(oursMs, nodeMs),
  })
}

async function answer({ command, what, goalSeconds, args }: Question, desk: Desk): Promise<void> {
  const took: number[] = []
  // What is slow is asked once.
  while (took.length < ROUNDS && (took[0] ?? 0) < 5000) {
    const { ms, code, output } = await run([desk.kerbside, 'policy', command, ...args(desk)])
    // No is an answer, and so is a difference; a misunderstanding is none.
    if (code !== 0 && code !== 1) {
      console.log(`\`kerbside policy ${command}\` ended with ${code}: left out\n${output.slice(0, 400)}`)
      return
    }
    took.push(ms)
  }
  sayGoal(`kerbside policy ${command}${what}`, median(took) / 1000, goalSeconds, 's', 2)
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN

type Ran = { readonly ms: number; readonly code: number; readonly output: string }

async function run(words: readonly string[]): Promise<Ran> {
  const began = performance.now()
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? -1))
  })
  return { ms: performance.now() - began, code, output }
}
