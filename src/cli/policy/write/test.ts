/** `kerbside policy test`: every PolicyTest case put to the policy beside it, and what no case reaches. */
import { Option } from 'commander'
import { toJunit } from '../../../core/policy/answers/junit.ts'
import { coverage, type Outcome, type Reached, runTests, wordsOf } from '../../../core/policy/answers/run-tests.ts'
import { type Finding, writeFindings } from '../../../core/policy/language/findings.ts'
import { REASONS } from '../../../core/reasons.ts'
import { type CliCommand, EXIT } from '../../command.ts'
import { type Terminal, table } from '../../terminal.ts'
import { bundleOf, counted, directoryArgument } from '../policies.ts'

const AFTER = `
Exit codes: 0 all passed, 1 some failed or there are none, 2 a command line that is not understood, 3 a policy that cannot be used.

Examples:
  kerbside policy test policies
  kerbside policy test --coverage             which grants no test reaches
  kerbside policy test --output junit > policy.xml`

export const policyTest: CliCommand = {
  define(command) {
    directoryArgument(command)
    command
      .option('--coverage', 'which grants, and which of their actions, no test reaches')
      .addOption(
        new Option('--output <format>', 'how outcomes are written')
          .choices(['table', 'json', 'junit', 'github'])
          .default('table'),
      )
      .addHelpText('after', AFTER)
  },
  async run({ terminal, args: [directory = ''], options }) {
    const bundle = await bundleOf(directory)
    if (bundle.tests.length === 0) {
      terminal.err(
        `kerbside: \`${directory}\` has no PolicyTest, and what tests nothing passes nothing\n  write one, as policies/README.md shows`,
      )
      return EXIT.no
    }
    const outcomes = runTests(bundle, Date.now())
    const failed = outcomes.filter(({ passed }) => !passed)
    const reached = options.get('coverage') === true ? coverage(bundle, outcomes) : undefined
    switch (options.get('output')) {
      case 'junit':
        terminal.out(toJunit(outcomes))
        break
      case 'github':
        if (failed.length > 0) terminal.out(writeFindings('github', failed.map(toFinding), { directory }))
        break
      case 'json':
        terminal.out(JSON.stringify(toJson(outcomes, reached), undefined, 2))
        break
      default:
        for (const line of toTable(outcomes, reached, terminal)) terminal.out(line)
        terminal.out(`\n${sumOf(outcomes.length, failed.length, terminal)}, bundle ${bundle.hash}`)
    }
    return failed.length === 0 ? EXIT.yes : EXIT.no
  },
}

function toTable(
  outcomes: readonly Outcome[],
  reached: readonly Reached[] | undefined,
  { paint }: Terminal,
): readonly string[] {
  const files = Map.groupBy(outcomes, ({ test }) => test.at.replace(/:\d+$/, ''))
  const counts = [...files].map(([file, cases]) => {
    const passed = cases.filter((one) => one.passed).length
    return [file, `${passed} passed`, passed === cases.length ? '' : `${cases.length - passed} failed`]
  })
  const failures = outcomes.filter(({ passed }) => !passed).map((outcome) => `\n${failureText(outcome, paint)}`)
  return [...table(counts), ...failures, ...(reached === undefined ? [] : coverageText(reached, paint))]
}

function failureText({ test, ruling }: Outcome, paint: Terminal['paint']): string {
  const { effect, reason, grants } = ruling
  const by = grants.length === 0 ? '' : ` by ${grants.map(({ name, at }) => `${name} ${at}`).join(', ')}`
  return [
    `${paint('red', 'FAIL')} ${test.at}  ${test.identity}  ${wordsOf(test)}`,
    paint('green', `  - ${test.expect}${test.reason === undefined ? '' : ` (${test.reason})`}`),
    paint('red', `  + ${effect} (${reason})${by}`),
    `    ${REASONS[reason]}`,
  ].join('\n')
}

function coverageText(reached: readonly Reached[], paint: Terminal['paint']): readonly string[] {
  const rows = reached.map(({ grant, tests, unreached }) => {
    const missing = tests === 0 ? 'no test reaches it' : unreached.length === 0 ? '' : `not ${unreached.join(', ')}`
    return [grant.name, grant.at, counted(tests, 'test'), missing]
  })
  const none = reached.filter(({ tests }) => tests === 0).length
  const sum =
    none === 0 ? 'every grant is reached' : `${none} of ${counted(reached.length, 'grant')} not reached by any test`
  return [
    '',
    ...table(rows).map((line) => (line.endsWith('no test reaches it') ? paint('yellow', line) : line)),
    '',
    sum,
  ]
}

function sumOf(all: number, failed: number, { paint }: Terminal): string {
  return failed === 0
    ? paint('green', `${counted(all, 'test')} passed`)
    : paint('red', `${failed} of ${counted(all, 'test')} failed`)
}

function toFinding({ test, ruling }: Outcome): Finding {
  const [, file = test.at, line = '1'] = /^(.*):(\d+)$/.exec(test.at) ?? []
  const expected = `${test.expect}${test.reason === undefined ? '' : ` (${test.reason})`}`
  const message = `${test.identity} ${wordsOf(test)}: expected ${expected}, got ${ruling.effect} (${ruling.reason})`
  return { file, line: Number(line), column: 1, severity: 'error', code: 'policy-test', message }
}

const toJson = (outcomes: readonly Outcome[], reached: readonly Reached[] | undefined): object => ({
  tests: outcomes.map(({ test, ruling: { effect, reason, grants }, passed }) => ({
    at: test.at,
    identity: test.identity,
    operation: wordsOf(test),
    passed,
    expected: { effect: test.expect, ...(test.reason === undefined ? {} : { reason: test.reason }) },
    actual: { effect, reason, grants },
  })),
  ...(reached === undefined
    ? {}
    : {
        coverage: reached.map(({ grant, tests, unreached }) => ({ grant: grant.name, at: grant.at, tests, unreached })),
      }),
})
