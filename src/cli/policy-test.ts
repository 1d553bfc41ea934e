/** `kerbside policy test`: every PolicyTest case put to the policy beside it. */
import { printable } from '../core/audit/printable.ts'
import type { Bundle, PolicyCase } from '../core/policy/bundle.ts'
import { judge, type Ruling } from '../core/policy/judge.ts'
import { type PolicyOver, policyOver } from '../core/policy/policy-over.ts'
import { REASONS } from '../core/reasons.ts'
import { type CliCommand, EXIT } from './command.ts'
import { bundleOf, counted, directoryArgument, identityOf } from './policies.ts'
import { table } from './terminal.ts'

type Outcome = { readonly test: PolicyCase; readonly ruling: Ruling; readonly passed: boolean }

export const policyTest: CliCommand = {
  group: 'policy',
  name: 'test',
  summary: 'runs the PolicyTests: each failure with what was expected and what came (exit 1)',
  define: directoryArgument,
  async run({ terminal, args: [directory = ''] }) {
    const bundle = await bundleOf(directory)
    if (bundle.tests.length === 0) {
      terminal.err(
        `kerbside: \`${directory}\` has no PolicyTest, and what tests nothing passes nothing\n  write one, as policies/README.md shows`,
      )
      return EXIT.no
    }
    const outcomes = runTests(bundle, Date.now())
    const failed = outcomes.filter(({ passed }) => !passed)
    for (const line of table(countsByFile(outcomes))) terminal.out(line)
    for (const outcome of failed) terminal.out(`\n${describe(outcome, (text) => terminal.paint('red', text))}`)
    const sum =
      failed.length === 0
        ? terminal.paint('green', `${counted(outcomes.length, 'test')} passed`)
        : terminal.paint('red', `${failed.length} of ${counted(outcomes.length, 'test')} failed`)
    terminal.out(`\n${sum}, bundle ${bundle.hash}`)
    return failed.length === 0 ? EXIT.yes : EXIT.no
  },
}

/** @param now for cases that name no time, milliseconds since the epoch */
export function runTests(bundle: Bundle, now: number): readonly Outcome[] {
  const policies = new Map<string, PolicyOver>()
  return bundle.tests.map((test) => {
    const { identity, namespace, podLabels: labels } = test
    const pod = { ...(namespace === undefined ? {} : { namespace }), ...(labels === undefined ? {} : { labels }) }
    const key = JSON.stringify([identity, namespace, labels === undefined ? undefined : [...labels]])
    const policy = policies.get(key) ?? policyOver(identityOf(bundle, identity, pod).slice)
    policies.set(key, policy)
    const ruling = judge(policy, test, test.time ?? now)
    const passed = ruling.effect === test.expect && (test.reason === undefined || ruling.reason === test.reason)
    return { test, ruling, passed }
  })
}

function countsByFile(outcomes: readonly Outcome[]): readonly string[][] {
  const files = new Map<string, { passed: number; failed: number }>()
  for (const { test, passed } of outcomes) {
    const file = test.at.replace(/:\d+$/, '')
    const counts = files.get(file) ?? { passed: 0, failed: 0 }
    counts[passed ? 'passed' : 'failed'] += 1
    files.set(file, counts)
  }
  return [...files].map(([file, { passed, failed }]) => [
    file,
    `${passed} passed`,
    failed === 0 ? '' : `${failed} failed`,
  ])
}

function describe({ test, ruling }: Outcome, red: (text: string) => string): string {
  const { effect, reason, grants } = ruling
  const expected = `${test.expect}${test.reason === undefined ? '' : ` (${test.reason})`}`
  const by = grants.length === 0 ? '' : ` by ${grants.map(({ name, at }) => `${name} ${at}`).join(', ')}`
  const rows = [
    ['expected', expected],
    ['actual', `${effect} (${reason})${by}`],
    ['', REASONS[reason]],
  ]
  return [`${red('FAIL')} ${test.at}  ${test.identity}  ${wordsOf(test)}`, ...table(rows, '  ')].join('\n')
}

function wordsOf({ operation, path, destination, parameters }: PolicyCase): string {
  const to = destination === undefined ? '' : ` to ${destination}`
  const rest = [...parameters].map(([name, value]) => ` ${name}=${value}`).join('')
  return printable(`${operation} ${path}${to}${rest}`, 200)
}
