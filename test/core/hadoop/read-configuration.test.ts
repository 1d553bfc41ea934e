/** Hadoop's configuration files: read as Hadoop reads them, and refused by file and line where they reach out or are broken. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { KerbsideError } from '../../../src/core/errors.ts'
import { configurationXml } from '../../../src/core/hadoop/configuration-xml.ts'
import { expanded } from '../../../src/core/hadoop/expanded.ts'
import { readConfiguration } from '../../../src/core/hadoop/read-configuration.ts'

const property = (name: string, value: string, more = '') =>
  `<property><name>${name}</name><value>${value}</value>${more}</property>`
/** A reference to a property, as Hadoop writes it. */
const variable = (name: string) => ['$', '{', name, '}'].join('')
const file = (...properties: string[]) => ({
  name: 'core-site.xml',
  text: `<?xml version="1.0"?>\n<configuration>\n${properties.join('\n')}\n</configuration>\n`,
})
const read = (...properties: string[]) => Object.fromEntries(readConfiguration([file(...properties)]))
/** Every property with what stands in it put in. */
const meant = (...properties: string[]) => {
  const configuration = readConfiguration([file(...properties)])
  return Object.fromEntries([...configuration.keys()].map((name) => [name, expanded(configuration, name)]))
}
const problem = (text: string): string => {
  try {
    readConfiguration([{ name: 'core-site.xml', text }])
  } catch (thrown) {
    expect((thrown as KerbsideError).code).toBe('bad-configuration')
    return (thrown as KerbsideError).message
  }
  return 'taken'
}

describe('properties', () => {
  test('are elements or attributes, with entities, CDATA and comments', () => {
    expect(
      read(
        property('a', '&lt;x&gt; &amp; &#65;&#x42;&quot;&apos;'),
        '<property name="b" value="1"/>',
        property(' c ', '<![CDATA[<raw> & ]]>tail'),
        '<!-- <property><name>d</name></property> -->',
        '<property name="e" value=""/>',
        property('f', ' kept \n', '<description>what it is</description><source>x</source><tag>a</tag><tag>b</tag>'),
      ),
    ).toEqual({ a: `<x> & AB"'`, b: '1', c: '<raw> & tail', e: '', f: ' kept \n' })
  })

  test('of a later file win, unless the earlier one is final', () => {
    const first = file(
      property('a', '1'),
      property('b', '1', '<final>true</final>'),
      property('c', '1', '<final>no</final>'),
    )
    const second = file(property('a', '2'), property('b', '2'), property('c', '2'))
    expect(Object.fromEntries(readConfiguration([first, second]))).toEqual({ a: '2', b: '1', c: '2' })
  })

  test('given twice in one file count the second time, unless the first is final', () => {
    expect(read(property('a', '1'), property('a', '2'))).toEqual({ a: '2' })
    expect(read(property('a', '1', '<final>true</final>'), property('a', '2'))).toEqual({ a: '1' })
  })

  test('are final by the word `true` and nothing like it', () => {
    for (const word of ['TRUE', ' true ', 'yes', '1', '']) {
      expect(read(property('a', '1', `<final>${word}</final>`), property('a', '2'))).toEqual({ a: '2' })
    }
  })

  test('without a value leave the earlier one, and can be final', () => {
    expect(read(property('a', '1'), '<property><name>a</name></property>', property('a', ''))).toEqual({ a: '1' })
    expect(read('<property><name>a</name><final>true</final></property>', property('a', '1'))).toEqual({})
  })

  test('have their ends of lines, and in attributes their spaces, as XML says', () => {
    expect(read(property('a', '1\r\n2\r3&#13;'), '<property name="b" value="1\n2\t3&#10;4"/>')).toEqual({
      a: '1\n2\n3\r',
      b: '1 2 3\n4',
    })
  })

  test('may stand in a configuration within the configuration', () => {
    expect(read(`<configuration>${property('a', '1')}</configuration>`)).toEqual({ a: '1' })
  })

  test.each(['__proto__', 'constructor', 'toString'])(
    'may be called `%s`, and are none when they are not there',
    (name) => {
      expect(readConfiguration([file(property(name, '1'))]).get(name)).toBe('1')
      expect(readConfiguration([file(property('a', variable(name)))]).get('a')).toBe(variable(name))
    },
  )
})

describe('variables', () => {
  test('are replaced again and again, until one is no property', () => {
    expect(
      meant(
        property('a', `${variable('b')}/x-${variable('b')}`),
        property('b', variable('c')),
        property('c', 'deep'),
        property('d', `${variable('b')}/${variable('nothing')}/${variable('b')}`),
      ),
    ).toMatchObject({ a: 'deep/x-deep', d: `deep/${variable('nothing')}/${variable('b')}` })
  })

  test('of the environment stay as they are written: it is not the one that was meant', () => {
    expect(meant(property('a', `${variable('env.HOME')}/x`))).toEqual({ a: `${variable('env.HOME')}/x` })
  })

  test('that name themselves stay as they are written', () => {
    expect(meant(property('a', variable('a')))).toEqual({ a: variable('a') })
    expect(meant(property('a', `x${variable('b')}`), property('b', `y${variable('b')}`))).toMatchObject({
      a: `x${variable('b')}`,
    })
  })

  test.each([
    ['in a circle', [property('p0', variable('b')), property('b', variable('p0'))]],
    ['to twenty others', Array.from({ length: 21 }, (_, at) => property(`p${at}`, variable(`p${at + 1}`)))],
    [
      'to twice as many at every step, which are no gigabytes',
      Array.from({ length: 40 }, (_, at) => property(`p${at}`, variable(`p${at + 1}`).repeat(900))),
    ],
  ])('that lead %s are told, and only where they are asked for', (_, properties) => {
    const configuration = readConfiguration([file(...properties, property('p21', 'x'), property('p40', 'x'))])
    expect(() => expanded(configuration, 'p0')).toThrow('`p0` names other properties without an end')
    expect(expanded(configuration, 'p40')).toBe('x')
  })
})

describe('what reaches out of the file is refused', () => {
  test.each([
    ['an include', '<xi:include href="/etc/passwd" xmlns:xi="x"/>', '3: it includes another file'],
    ['an include without a prefix', '<include href="http://x/"/>', '3: it includes another file'],
    ['a fallback', '<xi:fallback/>', '3: it includes another file'],
  ])('%s', (_, element, said) => {
    expect(problem(file(element).text)).toBe(`core-site.xml:${said}`)
  })

  test('a document type, and with it every entity of its own', () => {
    const dtd = '<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    expect(problem(`<?xml version="1.0"?>\n${dtd}<configuration/>`)).toBe(
      'core-site.xml:2: a document type is not taken',
    )
    expect(problem(file(property('a', '&x;')).text)).toContain('core-site.xml:3: an entity is not one of the five')
  })
})

describe('what is broken is told by line, without a word of a value', () => {
  test.each([
    ['', 'there is no element'],
    ['  \n ', 'there is no element'],
    ['x', 'text stands outside'],
    ['<configuration>', 'is not closed'],
    ['<configuration><property></configuration>', 'another element is closed'],
    ['<configuration/><configuration/>', 'more than one root'],
    ['<configuration>SECRET</configuration>', 'text stands outside'],
    ['<config/>', 'its root element'],
    ['<configuration><setting/></configuration>', 'neither a property nor a configuration'],
    ['<configuration><property><value>SECRET</value></property></configuration>', 'has no name'],
    ['<configuration><property><name>a b</name></property></configuration>', 'has no name'],
    ['<configuration><property><name>a</name><name>b</name></property></configuration>', 'two of `name`'],
    ['<configuration><property name="a"><name>b</name></property></configuration>', 'two of `name`'],
    ['<configuration><property><name>a<b/></name></property></configuration>', 'holds an element'],
    ['<configuration><property><password>SECRET</password></property></configuration>', 'no field of a property'],
    ['<configuration><property><SECRET/></property></configuration>', 'no field of a property'],
    ['<configuration a="1" a="2"/>', 'given twice'],
    ['<configuration a=1/>', 'a value in quotes'],
    ['<configuration a="<"/>', '`<` stands in a value'],
    ['<configuration a="1"b="2"/>', 'an attribute was expected'],
    ['<configuration><!-- SECRET', 'a comment has no end'],
    ['<configuration><![CDATA[SECRET', 'a CDATA section has no end'],
    ['<configuration><!-- a -- b --></configuration>', '`--` stands in a comment'],
    [' <?xml version="1.0"?><configuration/>', 'elsewhere than at the beginning'],
    ['<configuration><?a:SECRET?></configuration>', 'a processing instruction has no name'],
    ['<configuration><SECRET></configuration>', 'another element is closed'],
    ['<configuration><SECRET/></configuration>', 'neither a property nor a configuration'],
    ['<configuration>&#xD800;</configuration>', 'begins no entity'],
    ['<configuration>&SECRET</configuration>', 'begins no entity'],
    ['<configuration>\u0000</configuration>', 'a character is none of XML'],
    ['<configuration>'.repeat(50), 'nested deeper'],
    [`<configuration>${'x'.repeat(5_000_000)}`, 'larger than 4 MiB'],
  ])('%s', (text, said) => {
    expect(problem(text)).toMatch(/^core-site\.xml:\d+: /)
    expect(problem(text)).toContain(said)
    expect(problem(text)).not.toContain('SECRET')
  })
})

describe('laws', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/)
  const value = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
    .filter((text) => !/[\u0000-\u0008\u000b\u000c\u000d\u000e-\u001f\ufffe\uffff]|\$|\p{Cs}/u.test(text))

  test('what is written is read again, where it is anything', () => {
    fc.assert(
      fc.property(fc.dictionary(name, value), (properties) => {
        const given = new Map(Object.entries(properties))
        const text = configurationXml(given, 'by a test')
        expect(readConfiguration([{ name: 'x.xml', text }])).toEqual(given)
      }),
    )
  })

  test('no text makes it throw anything but a named error', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      '<configuration>',
      '</configuration>',
      '<property>',
      '</property>',
      '<name>',
      '</name>',
      '<value>',
      '</value>',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '?>',
      '<!DOCTYPE',
      '&',
      ';',
      '&amp;',
      '&#',
      '${',
      '}',
      'a',
      '"',
      '=',
      ' ',
      '\n',
      '\ufeff',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 30 }).map((all) => all.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          problem(text)
        },
      ),
      { numRuns: 3000 },
    )
  })
})
