/** Findings as each reader takes them, and names that try to say more than a name. */
import { describe, expect, test } from 'vitest'
import { type Finding, toFinding, writeFindings } from '../../../../src/core/policy/language/findings.ts'

const problem = { file: 'quant/grants.yaml', line: 12, column: 7, message: 'no dataset is called `marekt`' }
const ERROR = toFinding({ ...problem, hint: 'did you mean `market`?' })
const NOTE: Finding = { ...problem, line: 3, severity: 'note', code: 'expired-grant' }
const here = { directory: 'policies' }

describe('for a person', () => {
  test('a line that an editor can jump to, and the hint below', () => {
    expect(writeFindings('table', [ERROR, NOTE], here)).toBe(
      [
        'quant/grants.yaml:12:7: error: no dataset is called `marekt` [invalid-policy]',
        '  did you mean `market`?',
        'quant/grants.yaml:3:7: note: no dataset is called `marekt` [expired-grant]',
      ].join('\n'),
    )
  })
  test('the severity in colour, and a file name that cannot move the cursor', () => {
    const paint = (severity: string, text: string) => `<${severity}>${text}</>`
    const text = writeFindings('table', [{ ...NOTE, file: 'a\u001b[2J.yaml' }], { ...here, paint })
    expect(text).toContain(' <note>note:</> ')
    expect(text).not.toContain('\u001b')
  })
  test('none is nothing', () => {
    expect(writeFindings('table', [], here)).toBe('')
    expect(writeFindings('github', [], here)).toBe('')
  })
})

test('as JSON, nothing but the finding', () => {
  expect(JSON.parse(writeFindings('json', [ERROR], here))).toEqual([
    { ...problem, severity: 'error', code: 'invalid-policy', hint: 'did you mean `market`?' },
  ])
  expect(writeFindings('json', [], here)).toBe('[]')
})

describe('as SARIF', () => {
  const about = new Map([['expired-grant', 'the grant is over']])
  const log = (directory: string, ...findings: readonly Finding[]) =>
    JSON.parse(writeFindings('sarif', findings, { directory, about }))

  test('one run, a rule for each code, and a result at its place', () => {
    const { version, runs } = log('policies', ERROR, NOTE, NOTE)
    expect([version, runs.length]).toEqual(['2.1.0', 1])
    const [{ tool, results }] = runs
    expect(tool.driver.rules).toEqual([
      { id: 'expired-grant', shortDescription: { text: 'the grant is over' } },
      { id: 'invalid-policy' },
    ])
    expect(results.map((result: { ruleId: string; ruleIndex: number }) => [result.ruleId, result.ruleIndex])).toEqual([
      ['invalid-policy', 1],
      ['expired-grant', 0],
      ['expired-grant', 0],
    ])
    expect(results[0]).toMatchObject({
      level: 'error',
      message: { text: 'no dataset is called `marekt`\ndid you mean `market`?' },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'policies/quant/grants.yaml' },
            region: { startLine: 12, startColumn: 7 },
          },
        },
      ],
    })
  })
  test('no finding is a run without results', () => {
    expect(log('policies').runs[0].results).toEqual([])
  })
  test.each([
    ['policies', 'a b%/é:.yaml', 'policies/a%20b%25/%C3%A9%3A.yaml'],
    ['./policies//', 'a.yaml', 'policies/a.yaml'],
    ['.', 'a.yaml', 'a.yaml'],
    ['/etc/policies', 'a.yaml', 'file:///etc/policies/a.yaml'],
    ['/', 'a.yaml', 'file:///a.yaml'],
    ['p', 'a\ud800.yaml', 'p/a%EF%BF%BD.yaml'],
    ['../policies', 'a.yaml', '../policies/a.yaml'],
    ['policies', 'policies', 'policies'],
  ])('the file %s, %s is %s', (directory, file, uri) => {
    const { locations } = log(directory, { ...NOTE, file }).runs[0].results[0]
    expect(locations[0].physicalLocation.artifactLocation.uri).toBe(uri)
  })
})

describe('for GitHub', () => {
  test('one command a finding', () => {
    expect(writeFindings('github', [ERROR, NOTE, { ...NOTE, severity: 'warning' }], here).split('\n')).toEqual([
      '::error file=policies/quant/grants.yaml,line=12,col=7,title=invalid-policy::no dataset is called `marekt`%0Adid you mean `market`?',
      '::notice file=policies/quant/grants.yaml,line=3,col=7,title=expired-grant::no dataset is called `marekt`',
      '::warning file=policies/quant/grants.yaml,line=3,col=7,title=expired-grant::no dataset is called `marekt`',
    ])
  })
  test('a name cannot end its command, nor begin another', () => {
    const text = writeFindings(
      'github',
      [{ ...NOTE, file: 'a,line=9::x\n::error::y%.yaml', message: '100%\r\n::z' }],
      here,
    )
    expect(text).toBe(
      '::notice file=policies/a%2Cline=9%3A%3Ax%0A%3A%3Aerror%3A%3Ay%25.yaml,line=3,col=7,title=expired-grant::100%25%0D%0A::z',
    )
  })
})
