/** Each lint rule by an example: what it says about it, and the nearest thing that it says nothing about. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildBundle } from '../../../../src/core/policy/language/build-bundle.ts'
import { formatProblem } from '../../../../src/core/policy/language/problem.ts'
import { type LintFinding, lint } from '../../../../src/core/policy/lint/lint.ts'
import { RULES } from '../../../../src/core/policy/lint/rules.ts'
import { readYaml } from '../../../../src/io/policy/yaml.ts'
import { grant } from '../../../io/policy/folder.ts'
import { NOW } from '../bundle-of.ts'
import { CLUSTER_ROWS } from './cluster-examples.ts'
import { CLEAN, deny, ROWS } from './examples.ts'

const EXAMPLES = [...ROWS, ...CLUSTER_ROWS]

function findingsOf(text: string, at = NOW): readonly LintFinding[] {
  const result = buildBundle(readYaml('a.yaml', Buffer.from(text)), () => 'hash')
  if ('problems' in result) throw new Error(result.problems.map(formatProblem).join('\n'))
  return lint({ ...result, now: at })
}
const said = (code: string, text: string) => findingsOf(text).filter((finding) => finding.code === code)

test('a policy without faults has no findings', () => {
  expect(findingsOf(CLEAN)).toEqual([])
})

describe('each rule', () => {
  test.each(EXAMPLES)('%s: told (%#)', (code, faulty, messages) => {
    const told = said(code, CLEAN + faulty)
    expect(told).toHaveLength(messages.length)
    for (const [index, message] of messages.entries()) {
      const { message: words = '', hint } = told[index] ?? {}
      expect(hint === undefined ? words : `${words}\n  ${hint}`).toContain(message)
    }
  })
  test.each(EXAMPLES)('%s: its neighbour is not (%#)', (code, _, __, near) => {
    expect(said(code, CLEAN + near)).toEqual([])
  })
  test('has an example here, a code of its own, and a word on every line of its findings', () => {
    expect(new Set(EXAMPLES.map(([code]) => code))).toEqual(new Set(RULES.map(({ code }) => code)))
    expect(new Set(RULES.map(({ code }) => code)).size).toBe(RULES.length)
    for (const { code } of RULES) expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
  })
})

test('findings stand at the value that they speak of', () => {
  const text = `${CLEAN}---
apiVersion: kerbside.io/v1
kind: Grant
metadata:
  name: late
spec:
  effect: allow
  teams: [quant]
  datasets: [market]
  actions:
    - append
    - append
  expires: 2026-06-30T00:00:00Z
`
  expect(findingsOf(text).map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([
    '18:7 repeated',
    '19:12 expires-soon',
  ])
})

test('a deny that has just expired is not taken away: clocks differ', () => {
  const removal = (text: string) => said('expired', CLEAN + text).map((finding) => finding.removal !== undefined)
  expect(removal(deny('d', { expires: '2026-06-01T00:00:00Z' }))).toEqual([false])
  expect(removal(deny('d', { expires: '2026-05-31T00:00:00Z' }))).toEqual([true])
  expect(removal(grant('g', { expires: '2026-06-01T00:00:00Z' }))).toEqual([true])
})

test('the README lists every rule', () => {
  const page = join(import.meta.dirname, '../../../../src/core/policy/lint/README.md')
  const rows = RULES.map(({ code, severity, sentence }) => `| \`${code}\` | ${severity} | ${sentence} |`)
  const table = ['| code | severity | what it finds |', '|---|---|---|', ...rows].join('\n')
  const before = readFileSync(page, 'utf8')
  const updated = before.replace(/(<!-- rules -->\n)[\s\S]*?(<!-- \/rules -->)/, `$1${table}\n$2`)
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, updated)
  expect(readFileSync(page, 'utf8')).toBe(updated)
  expect(updated).toContain('| `covered` | warning |')
})
