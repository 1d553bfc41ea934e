/** Doctor's screen and its JSON: what a person reads first, and what a program goes by. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CHECK_NAMES } from '../../../src/core/doctor/checks.ts'
import type { Finding, State } from '../../../src/core/doctor/finding.ts'
import { inOrder, isIll, whereOneIsEnough } from '../../../src/core/doctor/finding.ts'
import { toJson } from '../../../src/core/doctor/report.ts'
import { screen } from '../../../src/core/doctor/screen.ts'

const plain = (_: string, text: string) => text
const FINDINGS: readonly Finding[] = [
  { check: 'policy', state: 'ok', says: '`quant@LAB` to cluster `lab`', ms: 40 },
  {
    check: 'keytab',
    state: 'fail',
    says: 'the keytab is base64 text',
    advice: 'it was encoded once too often',
    code: 'keytab-malformed',
    ms: 2,
  },
  { check: 'kdc', state: 'warn', about: 'kdc2.lab:88', says: 'no connection', advice: 'start it', ms: 2040 },
  { check: 'ticket', state: 'not-tried', says: 'needs keytab' },
]

test('a line for each check, then the first failure with what to do, then how many', () => {
  expect(screen({ findings: FINDINGS, elapsedMs: 2345 }, plain)).toEqual([
    'ok    policy     `quant@LAB` to cluster `lab`',
    'FAIL  keytab     the keytab is base64 text',
    'warn  kdc        kdc2.lab:88: no connection 2.0 s',
    '-     ticket     needs keytab',
    '',
    'keytab: the keytab is base64 text',
    '  it was encoded once too often',
    '',
    '1 ok, 1 to look at, 1 failed, 1 not tried in 2.3 s',
  ])
})

test('a failure is told before a warning that stands above it', () => {
  const lines = screen(
    { findings: inOrder([FINDINGS[2], FINDINGS[1]].flatMap((one) => one ?? [])), elapsedMs: 1 },
    plain,
  )
  expect(lines).toContain('keytab: the keytab is base64 text')
  expect(lines).not.toContain('kdc kdc2.lab:88: no connection')
})

const text = fc.string({ unit: 'binary', maxLength: 300 })
const finding: fc.Arbitrary<Finding> = fc.record(
  {
    check: fc.constantFrom(...CHECK_NAMES),
    state: fc.constantFrom<State>('ok', 'warn', 'fail', 'not-tried'),
    says: text,
    about: text,
    advice: text,
    ms: fc.nat(99_999),
  },
  { requiredKeys: ['check', 'state', 'says'] },
)

test('no line of the table is wider than 80 columns, and nothing that hosts say moves a cursor or makes a line', () => {
  fc.assert(
    fc.property(fc.array(finding, { maxLength: 20 }), (findings) => {
      const lines = screen({ findings, elapsedMs: 1 }, plain)
      for (const line of lines.slice(0, findings.length)) expect(line.length).toBeLessThanOrEqual(80)
      expect(lines.join('\n')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    }),
  )
})

test('the JSON has every field, cuts nothing, and says its format', () => {
  expect(toJson({ findings: FINDINGS, elapsedMs: 2345.6 })).toEqual({
    format: 1,
    verdict: 'ill',
    elapsedMs: 2346,
    findings: [
      {
        check: 'policy',
        about: null,
        state: 'ok',
        says: '`quant@LAB` to cluster `lab`',
        advice: null,
        code: null,
        elapsedMs: 40,
      },
      {
        check: 'keytab',
        about: null,
        state: 'fail',
        says: 'the keytab is base64 text',
        advice: 'it was encoded once too often',
        code: 'keytab-malformed',
        elapsedMs: 2,
      },
      {
        check: 'kdc',
        about: 'kdc2.lab:88',
        state: 'warn',
        says: 'no connection',
        advice: 'start it',
        code: null,
        elapsedMs: 2040,
      },
      {
        check: 'ticket',
        about: null,
        state: 'not-tried',
        says: 'needs keytab',
        advice: null,
        code: null,
        elapsedMs: null,
      },
    ],
  })
})

test('one KDC that answers makes those that do not warnings; without one they are failures', () => {
  const dead = { state: 'fail', says: 'no connection' } as const
  expect(whereOneIsEnough([dead, { state: 'ok', says: 'answers' }]).map(({ state }) => state)).toEqual(['warn', 'ok'])
  expect(whereOneIsEnough([dead, dead]).map(({ state }) => state)).toEqual(['fail', 'fail'])
})

test('only a failure makes it ill', () => {
  expect(FINDINGS.map((one) => isIll([one]))).toEqual([false, true, false, false])
})
