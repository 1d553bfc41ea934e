/** Outcomes of PolicyTests as JUnit XML, which every CI system shows: a suite a file, a case a case. */
import { REASONS } from '../../reasons.ts'
import { type Outcome, wordsOf } from './run-tests.ts'

export function toJunit(outcomes: readonly Outcome[]): string {
  const suites = Map.groupBy(outcomes, ({ test }) => test.at.replace(/:\d+$/, ''))
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="kerbside policy test" ${counts(outcomes)}>`,
    ...[...suites].flatMap(([file, cases]) => [
      `  <testsuite name="${escaped(file)}" ${counts(cases)}>`,
      ...cases.flatMap(toCase),
      '  </testsuite>',
    ]),
    '</testsuites>',
  ].join('\n')
}

const counts = (outcomes: readonly Outcome[]): string =>
  `tests="${outcomes.length}" failures="${outcomes.filter(({ passed }) => !passed).length}" errors="0"`

function toCase({ test, ruling, passed }: Outcome): readonly string[] {
  const [, file = '', line = ''] = /^(.*):(\d+)$/.exec(test.at) ?? []
  const open = `    <testcase classname="${escaped(test.identity)}" name="${escaped(wordsOf(test))}" file="${escaped(file)}" line="${line}"`
  if (passed) return [`${open}/>`]
  const said = `expected ${test.expect}${test.reason === undefined ? '' : ` (${test.reason})`}, got ${ruling.effect} (${ruling.reason}): ${REASONS[ruling.reason]}`
  return [`${open}>`, `      <failure message="${escaped(said)}"/>`, '    </testcase>']
}

const ESCAPES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
])
/** Controls were escaped before: XML 1.0 has no way to write them. */
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ESCAPES.get(character) ?? '')
