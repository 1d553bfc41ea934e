/** Hadoop configurations as a fuzzer makes them: nearly right, with all that XML and Hadoop have ways to say twice. */
import fc from 'fast-check'

const NAMES = ['a', 'b', 'c', 'dd', 'e.f', 'x{y', 'constructor', '__proto__']
const name = fc.constantFrom(...NAMES)
const variableOf = (it: string) => `\${${it}}`
/** Most lead somewhere, some to themselves, some nowhere, and some only look like variables. */
const odd = ['none', '', ' a', '\ta', 'a b', 'env.HOME', variableOf('a')].map(variableOf)
const variable = fc.oneof(
  { weight: 8, arbitrary: name.map(variableOf) },
  { weight: 1, arbitrary: fc.constantFrom(...odd, '${', '}', '$', `$${variableOf('a')}`) },
)
const words = fc.constantFrom(
  '1',
  'x',
  ' ',
  '\n',
  '\r\n',
  '\r',
  '\t',
  'é',
  '😀',
  '128m',
  'true',
  '-',
  '--',
  ']]',
  '"',
  "'",
  '/',
  '>',
)
const markup = fc.constantFrom(
  '&amp;',
  '&lt;',
  '&gt;',
  '&quot;',
  '&apos;',
  '&#65;',
  '&#x42;',
  '&#10;',
  '&#13;',
  '&#x1F600;',
  '<![CDATA[<&]]>',
  '<![CDATA[]]>',
  '<!-- a comment -->',
  '<!---->',
  '<?target of it?>',
)
/** What no document may hold where it is put. */
const wrong = fc.constantFrom(
  ...[
    '<other/>',
    '<property/>',
    'text',
    '<',
    '&',
    '&x;',
    '&#0;',
    '&#xD800;',
    '&#x110000;',
    '&amp',
    '<!-- -- -->',
    '<!--->',
    ']]>',
    '<?xml?>',
    '<??>',
  ],
  ...[
    '</value>',
    '<b/>',
    '<b>1</b>',
    '<name>',
    '<!DOCTYPE a>',
    '\u0001',
    '\ufffe',
    '&#1;',
    '<a:b/>',
    '<?a:b?>',
    '<1/>',
  ],
)

const content = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: variable },
      { weight: 6, arbitrary: words },
      { weight: 3, arbitrary: markup },
      { weight: 1, arbitrary: fc.constant('') },
    ),
    { maxLength: 5 },
  )
  .map((all) => all.join(''))
const final = fc.constantFrom('true', 'true', 'true', 'false', 'TRUE', ' true', 'tr<!-- -->ue', '')
const padded = fc.tuple(fc.constantFrom('', '', '', '', ' ', '\n'), name).map(([space, it]) => `${space}${it}${space}`)

const element = (tag: string, inside: fc.Arbitrary<string>) => inside.map((text) => `<${tag}>${text}</${tag}>`)
const attribute = (it: string, inside: fc.Arbitrary<string>) =>
  inside.map((text) => ` ${it}="${text.replaceAll(/<[^>]*>|[<"]/g, '')}"`)

const property = fc
  .record({
    name: fc.option(padded, { freq: 60 }),
    value: fc.option(content, { freq: 8 }),
    final: fc.option(final, { freq: 2 }),
    more: fc.oneof(
      {
        weight: 15,
        arbitrary: fc.constantFrom('', '<description>d</description>', '<source>s</source>', '<tag>t</tag>'),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom('<comment/>', '<name>b</name>', '<value>b</value>', '<final>true</final>', 'text'),
      },
    ),
    asAttributes: fc.integer({ min: 0, max: 5 }),
    isTurned: fc.boolean(),
  })
  .chain(({ name, value, final, more, asAttributes, isTurned }) => {
    const given = { name, value, final }
    const fields = Object.entries(given).filter((field): field is [string, string] => field[1] !== null)
    const some = fields.map(([tag, text]) => (asAttributes === 0 ? attribute : element)(tag, fc.constant(text)))
    return fc.tuple(...some).map((all) => {
      const inside = (isTurned ? [...all].reverse() : [...all]).join('')
      return asAttributes === 0 ? `<property${inside}>${more}</property>` : `<property>${more}${inside}</property>`
    })
  })

const within = fc.oneof(
  { weight: 16, arbitrary: property },
  {
    weight: 1,
    arbitrary: fc.array(property, { maxLength: 2 }).map((all) => `<configuration>${all.join('')}</configuration>`),
  },
  { weight: 1, arbitrary: fc.constantFrom('<!-- <property/> -->', '\n', '<?pi?>') },
)

const whole = fc
  .record({
    before: fc.constantFrom(
      '',
      '',
      '<?xml version="1.0"?>\n',
      '<?xml version="1.0" encoding="UTF-8"?>',
      '\ufeff',
      '\n',
      '<!-- x -->',
    ),
    properties: fc.array(within, { maxLength: 8 }),
    after: fc.constantFrom('', '', '\n', '<!-- end -->', '<?pi?>'),
  })
  .map(({ before, properties, after }) => `${before}<configuration>${properties.join('\n')}</configuration>${after}`)

/** One place changed: something that must not stand there put in, some characters taken out, or said twice. */
const broken = fc
  .tuple(
    whole,
    fc.nat(10_000),
    fc.integer({ min: 1, max: 12 }),
    fc.constantFrom('put', 'cut', 'twice'),
    fc.oneof(wrong, markup),
  )
  .map(([text, place, length, what, piece]) => {
    const at = place % (text.length + 1)
    if (what === 'put') return text.slice(0, at) + piece + text.slice(at)
    const end = what === 'cut' ? at + length : Math.max(0, at - length)
    return text.slice(0, at) + text.slice(end)
  })

const document = fc.oneof({ weight: 3, arbitrary: whole }, { weight: 1, arbitrary: broken })

/** What one client reads: `core-site.xml` and maybe `hdfs-site.xml`. */
export const configurations: fc.Arbitrary<readonly string[]> = fc.array(document, { minLength: 1, maxLength: 2 })
