/** policies/README.md is a tutorial: each of its commands is run in its order, and prints what stands there. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { bundleOf } from '../../src/cli/policy/policies.ts'
import { runCli } from '../cli/run-cli.ts'
import { type Step, stepsOf, timeless, withOutputs } from './page.ts'
import { writeWeek } from './week.ts'

const POLICIES = join(import.meta.dirname, '..', '..', 'policies')
const PAGE = join(POLICIES, 'README.md')
const WEEK = join(import.meta.dirname, 'week')

const page = readFileSync(PAGE, 'utf8')
const steps = stepsOf(page)
const isUpdate = process.env['UPDATE_DOCS'] === '1'
const outputs = new Map<Step, string>()
const room = mkdtempSync(join(tmpdir(), 'kerbside-tutorial-'))
cpSync(POLICIES, join(room, 'policies'), { recursive: true })
afterAll(() => {
  if (isUpdate) writeFileSync(PAGE, withOutputs(page, steps, outputs))
  rmSync(room, { recursive: true })
})

/** Words of a command that name a file of the reader's. */
const isFile = (word: string): boolean =>
  /^(policies|before|mine|week|ranger\.json|imported|key|trust|bundle)([./-]|$)/.test(word)
const inRoom = (word: string): string => {
  if (word === 'test/tutorial/week' || word === 'test/tutorial/ranger.json') return join(POLICIES, '..', word)
  return isFile(word) ? join(room, word) : word
}

/** As a shell would split it: quotes keep words together, `>` sends what is printed to a file. */
async function run(command: string): Promise<string> {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  const to = words.indexOf('>')
  const [program, ...args] = (to < 0 ? words : words.slice(0, to)).map(inRoom)
  if (program === 'cp') {
    cpSync(args.at(-2) ?? '', args.at(-1) ?? '', { recursive: true })
    return ''
  }
  if (program !== 'kerbside') throw new Error(`the tutorial runs \`${program}\`, which no test does`)
  const { out, err } = await runCli(args)
  if (to >= 0) writeFileSync(inRoom(words[to + 1] ?? ''), out)
  return timeless(`${to < 0 ? out : ''}${err}`.replaceAll(`${room}/`, '').replaceAll(`${join(POLICIES, '..')}/`, ''))
}

function edit({ file, text, instead }: Extract<Step, { kind: 'edit' }>): void {
  const path = join(room, file)
  const before = readFileSync(path, 'utf8')
  expect(before, `${file} has the line that is edited`).toContain(instead ?? '')
  writeFileSync(path, instead === undefined ? before + text : before.replace(instead, text))
}

test('the records that the page replays are what the example gives', async () => {
  const made = join(room, 'made')
  const names = writeWeek(made, await bundleOf(POLICIES))
  if (isUpdate) cpSync(made, WEEK, { recursive: true })
  expect(readdirSync(WEEK).sort()).toEqual([...names].sort())
  for (const name of names) expect(readFileSync(join(WEEK, name), 'utf8')).toBe(readFileSync(join(made, name), 'utf8'))
})

const titleOf = (step: Step): string => (step.kind === 'console' ? step.command : `edit ${step.file}`)
for (const [number, step] of steps.entries()) {
  test(`${number + 1}. ${titleOf(step)}`, async () => {
    if (step.kind === 'edit') return edit(step)
    const output = await run(step.command)
    outputs.set(step, output)
    if (!isUpdate) expect(output).toBe(step.output)
  })
}

test('every policy command is shown', () => {
  const shown = new Set(steps.flatMap((step) => (step.kind === 'console' ? [step.command.split(' ')[2]] : [])))
  const commands = COMMANDS.filter(({ group }) => group === 'policy').map(({ name }) => name)
  expect(commands.filter((name) => !shown.has(name))).toEqual([])
})
