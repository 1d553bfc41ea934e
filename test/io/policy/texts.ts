/** Policy text as nobody would write it: every style of YAML, and then a few characters changed, moved or taken away. */
import fc from 'fast-check'

const words = (text: string): readonly string[] => text.split(/\s+/)
const SCALARS = [
  ...words(
    'market quant-reads-market /data/market a:b -x ? : # é☃𝄞 , | > " \\ << = http://x:1 R&D constructor __proto__',
  ),
  ...words('0o17 017 1_000 0x1F 1e3 .inf -.INF .NaN +1 -0 1. .5 0b1 1e 9007199254740993 12:30 2027-01-31T00:00:00Z'),
  ...words("~ null yes no on off true False NULL 2027-01-31 --- ... * *x !x %x @x `x it's [ ] { } [] {}"),
  ...[
    '',
    ' ',
    'a b',
    'x: y',
    'x #y',
    '- x',
    '? x',
    '--- x',
    '&x y',
    '!!str x',
    'x\ny',
    'x\n\ny',
    ' x',
    'x ',
    '\tx',
    'x\ty',
  ],
  'long '.repeat(50),
]
/** Nothing that begins, ends or means anything in YAML. */
const PLAIN = /^(?!-+( |$)|.*: )[\w/+.é☃~𝄞-][-\w/.:é☃𝄞&*!#%]*( [\w/]+)*$/u

/** One value in a style that suits it. */
const good = fc.tuple(fc.constantFrom(...SCALARS), fc.boolean()).map(([text, double]) => {
  if (PLAIN.test(text)) return text
  return double || /[\n\t]/.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`
})
/** One value in any style. */
const wild = fc
  .tuple(fc.constantFrom(...SCALARS), fc.constantFrom('', "'", '"'))
  .map(([text, quote]) => `${quote}${text}${quote}`)
const scalar = fc.oneof({ weight: 200, arbitrary: good }, { weight: 1, arbitrary: wild })

const block = fc
  .tuple(
    fc.constantFrom('|', '>', '|-', '>-', '|', '>', '|-', '>-', '|-', '|  ', '|+', '>2', '| # why'),
    fc.array(fc.constantFrom('x', '---', '# y', 'a: b', '', '', '  deeper', 'end ', '- z', '...'), { maxLength: 4 }),
  )
  .map(([head, lines]) => `${head}\n${lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}`)

const KEYS = [
  'kind',
  'spec',
  'name',
  'teams',
  'a',
  'a b',
  'é',
  '"q"',
  "'s'",
  'constructor',
  '<<',
  '/x',
  'x:y',
  '"n\\n"',
]
const key = fc.oneof({ weight: 200, arbitrary: fc.constantFrom(...KEYS) }, { weight: 1, arbitrary: wild })
/** A few keys, each with a value; seldom one twice. */
const fields = (value: fc.Arbitrary<string>) =>
  fc.uniqueArray(fc.tuple(key, value), {
    minLength: 1,
    maxLength: 3,
    selector: ([name]) => name.replace(/\W/g, ''),
  })
const indented = (text: string, by: number): string => text.replace(/\n(?!$|\n)/g, `\n${' '.repeat(by)}`)

/** A mapping begins on the line of its dash. */
const besideDash = (item: string, by: number): string =>
  item.startsWith('\n  ') ? indented(item.slice(3), by) : indented(item, by + 2)

const { node } = fc.letrec<{ node: string; flow: string }>((tie) => ({
  flow: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc
      .tuple(fc.array(tie('flow'), { maxLength: 3 }), fc.constantFrom(', ', ',', ' ,\n  ', ', # c\n  '))
      .map(([items, comma]) => `[${items.join(comma)}]`),
    fc
      .tuple(fields(tie('flow')), fc.constantFrom(': ', ': ', ': ', ': ', ' : ', ':\n  '), fc.constantFrom('', ' '))
      .map(([pairs, colon, pad]) => `{${pad}${pairs.map((pair) => pair.join(colon)).join(', ')}${pad}}`),
    fc.tuple(key, tie('flow')).map(([name, value]) => `[${name}: ${value}]`),
  ),
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('flow'),
    block,
    fc
      .tuple(fields(tie('node')), fc.constantFrom('', '', ' # c', '  '))
      .map(([pairs, end]) => pairs.map(([name, value]) => `\n  ${name}: ${indented(value, 2)}${end}`).join('')),
    fc
      .tuple(fc.array(tie('node'), { minLength: 1, maxLength: 3 }), fc.nat(3))
      .map(([items, by]) => items.map((item) => `\n${' '.repeat(by)}- ${besideDash(item, by)}`).join('')),
    fc
      .tuple(key, tie('node'), fc.nat(15))
      .map(([name, value, luck]) =>
        luck === 0 ? `\n  ? ${name}\n  : ${indented(value, 4)}` : `\n  ${name}: ${indented(value, 2)}`,
      ),
  ),
}))

const documentText = fields(node).map((pairs) => pairs.map((pair) => pair.join(': ')).join('\n'))

const PIECES = [
  ...words(': - # , [ ] { } " \' | > ? & * ! % --- \\ ~ << 0 x'),
  ...['\n', ' ', '  ', '\t', '\r', '\r\n', ': ', '- ', ' #', '? ', '\n---\n', '\n...\n', '\n---'],
  ...['\ufeff', '\u0085', '\u2028', '\0', '\ud83d'],
]

type Change = { readonly at: number; readonly remove: number; readonly insert: string }
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  remove: fc.constantFrom(0, 0, 1, 2, 5),
  insert: fc.constantFrom('', ...PIECES),
})
const changed = (text: string, { at, remove, insert }: Change): string => {
  const start = at % (text.length + 1)
  return text.slice(0, start) + insert + text.slice(start + remove)
}

/** A few documents and a few changes; often none. */
export const policyText: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(documentText, { minLength: 1, maxLength: 3 }),
    fc.constantFrom('\n---\n', '\n--- # c\n', '\n\n---\n\n', '\n---\n---\n'),
    fc.constantFrom('', '\n', '\n\n', ' ', '\n# end\n'),
    fc.oneof(fc.constant([]), fc.array(change, { maxLength: 3 })),
    fc.boolean(),
  )
  .map(([documents, between, end, changes, windows]) => {
    const text = changes.reduce(changed, documents.join(between) + end)
    return windows ? text.replace(/\r?\n/g, '\r\n') : text
  })

const TOKENS = [
  ...words('a b 1 "q" \'s\' [ ] { } , : | > # - ? & * ! --- é'),
  ...[
    ' ',
    ' ',
    '\n',
    '\n',
    '\n  ',
    '\n  ',
    '\n    ',
    ': ',
    ': ',
    ':',
    '- ',
    '- ',
    ' #c',
    ', ',
    '\n---\n',
    '\r\n',
    '[a]',
    '{a: b}',
  ],
  ...['\na: ', '\nb: ', '\n  c: ', '\n  - ', '\n- ', '\n    d: '],
]
/** Signs thrown together: short, so that each mistake stands by itself. */
export const tokenSoup: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...TOKENS), { maxLength: 14 })
  .map((tokens) => `x: ${tokens.join('')}`)

const LINE_STARTS = ['', '', '  ', '  ', '    ', '- ', '  - ', '    - ', '  -   ', '---', '# ']
const LINE_KEYS = ['a: ', 'b: ', 'c:', 'd:', 'e.f/g: ', '', '"h": ', 'null: ', '__proto__: ', 'i:j: ']
const LINE_VALUES = [
  ...[
    '',
    '',
    'x',
    '/data/x',
    'x y',
    '1',
    '1:30',
    'null',
    'x: y',
    'x #y',
    'x#y',
    'x:',
    '# z',
    '-x',
    '- x',
    '.5',
    '~',
    '*x',
  ],
  ...[
    '[]',
    '[x, y]',
    '[x, [y]]',
    '[x y]',
    '[x,]',
    '[x: y]',
    '[x',
    '[x] y',
    '{}',
    '{x: y}',
    '{x: 1, y: [z]}',
    '{x}',
    '{x: y, x: z}',
  ],
  ...['"x"', "'x'", '"x', "'x''y'", '"x" y', "'x' # y", '"x\\n"', '"é"', 'é', '|', '{ x: "}" }', "[ ']', x ] # y"],
]
/** Lines thrown together as most policy is written: a column, maybe a key, maybe a value. */
export const plainSoup: fc.Arbitrary<string> = fc
  .array(
    fc
      .tuple(fc.constantFrom(...LINE_STARTS), fc.constantFrom(...LINE_KEYS), fc.constantFrom(...LINE_VALUES))
      .map((parts) => parts.join('')),
    { maxLength: 4 },
  )
  .map((lines) => ['k: v', ...lines].join('\n'))

type Path = readonly (string | number)[]

/** Of every value in a document, and of a few that are not there. */
export function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const deeper = inner.flatMap(([step, one]) => pathsOf(one, [...path, Array.isArray(value) ? Number(step) : step]))
  return [path, [...path, 'not there'], [...path, 7], ...deeper]
}
