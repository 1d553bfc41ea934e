/** The one layout of policy files: what it makes of every other, that it is reached at once, and that nothing is lost on the way. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Document, isCollection, Scalar, visit } from 'yaml'
import { formatPolicy } from '../../../src/io/policy/format.ts'
import { LAB, SMALL } from './folder.ts'

function format(text: string): string {
  const formatted = formatPolicy('a.yaml', Buffer.from(text))
  if ('problems' in formatted) throw new Error(formatted.problems.map(({ message }) => message).join('\n'))
  return formatted.text
}

const HEAD = 'apiVersion: kerbside.io/v1\nkind: Grant\nmetadata:\n  name: g\nspec:\n  effect: allow\n'

test('the files in policies/ have it', () => {
  const policies = join(import.meta.dirname, '../../../policies')
  const names = readdirSync(policies, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'))
  expect(names.length).toBeGreaterThan(5)
  for (const name of names) {
    const text = readFileSync(join(policies, name), 'utf8')
    expect([name, format(text)]).toEqual([name, text])
  }
})

describe('what it makes of', () => {
  test.each<[string, string, string]>([
    [
      'a document on one line',
      LAB,
      `apiVersion: kerbside.io/v1
kind: HadoopCluster
metadata:
  name: lab
spec:
  nameservice: lab
  nameNodes:
    - https://nn1.lab:9871
  dataNodeHosts: ['*.lab']
  realm: LAB
  kdcs: ['kdc.lab:88']
  secret: hdfs/lab
`,
    ],
    [
      'fields in another order',
      'spec:\n  actions: [read]\n  datasets: [d]\n  teams: [t]\n  effect: allow\nkind: Grant\nmetadata: {name: g}\napiVersion: kerbside.io/v1\n',
      `${HEAD}  teams: [t]\n  datasets: [d]\n  actions: [read]\n`,
    ],
    [
      'wider indentation, lists in lines, needless quotes, lines that end as on Windows',
      'apiVersion: "kerbside.io/v1"\r\nkind: \'Grant\'\r\nmetadata:\r\n      name:   g\r\nspec:\r\n      effect: allow\r\n      teams:\r\n      -   t\r\n      -   "u"\r\n      datasets: [ d ]\r\n      actions: [read,list]',
      `${HEAD}  teams: [t, u]\n  datasets: [d]\n  actions: [read, list]\n`,
    ],
    [
      'quotes that mean something',
      `${HEAD}  teams: [t]\n  datasets: [d]\n  actions: [read]\n  expires: "2030-01-01T00:00:00Z"\n  reason: "it's: so"\n  ticket: "on"\n`,
      `${HEAD}  teams: [t]\n  datasets: [d]\n  actions: [read]\n  expires: '2030-01-01T00:00:00Z'\n  reason: "it's: so"\n  ticket: 'on'\n`,
    ],
    [
      'a list that is too long, or has a comment',
      `${HEAD}  teams: [t, # why\n    u]\n  datasets: [${Array.from({ length: 4 }, (_, index) => `a-data-set-with-a-long-name-${index}`).join(', ')}]\n  actions: [read]\n`,
      `${HEAD}  teams:\n    - t # why\n    - u\n  datasets:\n    - a-data-set-with-a-long-name-0\n    - a-data-set-with-a-long-name-1\n    - a-data-set-with-a-long-name-2\n    - a-data-set-with-a-long-name-3\n  actions: [read]\n`,
    ],
    [
      'comments and blank lines',
      `\n# first\n${HEAD.replace('spec:\n', 'spec: # here\n\n  # of the effect\n')}\n\n\n  # of the teams\n  teams: [t]   # end\n  datasets: [d]\n  actions: [read]\n---\n# of the second\n\n${HEAD.replace(': g', ': h')}  teams: [t]\n  datasets: [d]\n  actions: [read]\n# last\n`,
      `# first\n${HEAD.replace('spec:\n', 'spec: # here\n  # of the effect\n')}\n  # of the teams\n  teams: [t] # end\n  datasets: [d]\n  actions: [read]\n---\n# of the second\n\n${HEAD.replace(': g', ': h')}  teams: [t]\n  datasets: [d]\n  actions: [read]\n\n# last\n`,
    ],
    [
      'a comment above a field that moves',
      `${HEAD.replace('  effect: allow\n', '  # what\n  actions: [read]\n  effect: allow\n')}  teams: [t]\n  datasets: [d]\n`,
      `${HEAD}  teams: [t]\n  datasets: [d]\n  # what\n  actions: [read]\n`,
    ],
    ['a file without a document', '# a\n---\n# b\n', '# a\n---\n# b\n'],
    [
      'a document of comments among others',
      `---\n# a\n---\n${HEAD}  teams: [t]\n  datasets: [d]\n  actions: [read]\n---\n`,
      `# a\n\n${HEAD}  teams: [t]\n  datasets: [d]\n  actions: [read]\n`,
    ],
  ])('%s', (_, text, expected) => {
    expect(format(text)).toBe(expected)
    expect(format(expected)).toBe(expected)
  })
})

describe('what it leaves alone', () => {
  test.each<[string, string]>([
    ['YAML that is none', 'a: [1,\n'],
    ['an anchor', `${SMALL}a: &x 1\n`],
    ['an unknown field', `${HEAD}  tems: [t]\n  datasets: [d]\n  actions: [read]\n`],
    ['a byte order mark', `\ufeff${SMALL}`],
  ])('%s', (_, text) => {
    expect(formatPolicy('a.yaml', Buffer.from(text))).toMatchObject({ problems: [{ file: 'a.yaml' }] })
  })
})

describe('on files as anyone may write them', () => {
  const name = fc.constantFrom('market', 'a-name', 'on', 'x1')
  const text = fc.constantFrom(
    'a reason',
    "it's: so",
    'no',
    'é',
    '#1',
    'a # b',
    'long '.repeat(40).trim(),
    '"',
    '{x}',
    '- a',
  )
  const spec = fc.oneof(
    fc
      .record(
        {
          effect: fc.constantFrom('allow', 'deny'),
          mode: fc.constantFrom('shadow'),
          teams: fc.array(name, { minLength: 1, maxLength: 12 }),
          datasets: fc.array(name, { minLength: 1, maxLength: 40 }),
          actions: fc.array(fc.constantFrom('read', 'list', 'stat'), { minLength: 1 }),
          when: fc.record(
            {
              during: fc.record({
                days: fc.constant(['mon', 'tue']),
                from: fc.constant('08:00'),
                zone: fc.constant('Europe/Zurich'),
              }),
              podSelector: fc.record({
                matchLabels: fc.dictionary(fc.constantFrom('app', 'tier', 'a.b/c'), name),
                matchExpressions: fc.array(
                  fc.record({ key: name, operator: fc.constant('In'), values: fc.array(name, { minLength: 1 }) }),
                  { minLength: 1, maxLength: 2 },
                ),
              }),
            },
            { requiredKeys: [] },
          ),
          reason: text,
        },
        { requiredKeys: ['effect', 'teams', 'datasets', 'actions'] },
      )
      .map((given) => ({ kind: 'Grant', given })),
    fc
      .record({
        cases: fc.array(
          fc.record(
            {
              identity: name,
              operation: fc.constant('OPEN'),
              path: fc.constantFrom('/a', '/a/{b}', '/a, b', ''),
              expect: fc.constant('deny'),
              parameters: fc.constant({ offset: '1' }),
              time: fc.constant('2030-01-01T00:00:00Z'),
            },
            { requiredKeys: ['identity', 'operation', 'path', 'expect'] },
          ),
          { minLength: 1, maxLength: 4 },
        ),
      })
      .map((given) => ({ kind: 'PolicyTest', given })),
  )

  /** In styles, an order of fields and with comments that a list of numbers chooses. */
  function written({ kind, given }: { kind: string; given: object }, luck: readonly number[]): string {
    let turn = 0
    const next = (most: number): number => (luck[turn++ % luck.length] ?? 0) % most
    const document = new Document(
      { apiVersion: 'kerbside.io/v1', kind, metadata: { name: 'g' }, spec: given },
      { aliasDuplicateObjects: false },
    )
    visit(document, {
      Node(_, node) {
        if (isCollection(node)) node.flow = next(3) === 0
        else if (typeof (node as Scalar).value === 'string') {
          const styles = [Scalar.PLAIN, Scalar.PLAIN, Scalar.QUOTE_DOUBLE, Scalar.QUOTE_SINGLE] as const
          Object.assign(node as Scalar, { type: styles[next(styles.length)] })
        }
        if (next(20) === 0) node.comment = ` c${turn}`
        if (next(20) === 0) node.commentBefore = ` b${turn}`
        if (next(15) === 0) node.spaceBefore = true
      },
      Map(_, node) {
        if (next(2) === 0) node.items.reverse()
        node.flow = next(3) === 0
      },
    })
    return document.toString({ indent: 2 + next(3), lineWidth: [0, 40, 120][next(3)] ?? 0, indentSeq: next(2) === 0 })
  }
  const file = fc
    .tuple(
      fc.array(fc.tuple(spec, fc.array(fc.nat(1000), { minLength: 40, maxLength: 80 })), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.boolean(),
    )
    .map(([documents, isWindows]) => {
      const whole = documents.map(([one, luck]) => written(one, luck)).join('---\n')
      return isWindows ? whole.replaceAll('\n', '\r\n') : whole
    })

  test('it is reached at once', () => {
    let laidOut = 0
    fc.assert(
      fc.property(file, (text) => {
        const formatted = formatPolicy('a.yaml', Buffer.from(text))
        if ('problems' in formatted) return
        laidOut += 1
        expect(format(formatted.text)).toBe(formatted.text)
      }),
      { numRuns: 60 },
    )
    expect(laidOut).toBeGreaterThan(50)
  })
})
