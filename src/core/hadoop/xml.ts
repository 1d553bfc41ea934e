/**
 * The part of XML that Hadoop configuration uses: elements, attributes, text, comments, CDATA. No document type and no
 * entities of one's own: both are ways to read files or to grow without end.
 */

export type XmlElement = {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** All text directly inside, put together. */
  readonly text: string
  /** Counted from 1. */
  readonly line: number
}

export class XmlProblem extends Error {
  readonly line: number
  constructor(what: string, line: number) {
    super(what)
    this.name = 'XmlProblem'
    this.line = line
  }
}

const DEEPEST = 32
const NAME = /[A-Za-z_][A-Za-z0-9._:-]{0,127}/y
const DECLARATION =
  /^\s+version\s*=\s*(["'])1\.0\1(\s+encoding\s*=\s*(["'])(UTF-8|utf-8|US-ASCII|ISO-8859-1|iso-8859-1)\3)?(\s+standalone\s*=\s*(["'])(yes|no)\6)?\s*$/
const SPACE = /[ \t\r\n]*/y
const MARKUP = ['<!--', '<![CDATA[', '<?', '</', '<'] as const
const ENTITIES = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
])

/**
 * The root element.
 * @throws XmlProblem with the line, and never with a word of what is written there
 */
export function readXml(source: string): XmlElement {
  // XML 1.0, section 2.11: whatever ends a line is read as a line feed.
  const text = (source.startsWith('\ufeff') ? source.slice(1) : source).replaceAll(/\r\n?/g, '\n')
  let at = 0
  let line = 1
  let countedTo = 0

  const lineNow = () => {
    for (; countedTo < at; countedTo += 1) if (text.charCodeAt(countedTo) === 10) line += 1
    return line
  }
  const fail = (what: string): never => {
    throw new XmlProblem(what, lineNow())
  }
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const [found] = pattern.exec(text) ?? []
    if (found !== undefined) at += found.length
    return found
  }
  const upTo = (end: string, what: string): string => {
    const found = text.indexOf(end, at)
    if (found < 0) return fail(`${what} has no end`)
    const inside = text.slice(at, found)
    at = found + end.length
    return inside
  }
  const expect = (token: string): void => {
    if (!text.startsWith(token, at)) fail(`\`${token}\` was expected`)
    at += token.length
  }
  const nameHere = (): string => take(NAME) ?? fail('a name was expected')

  const decoded = (raw: string): string =>
    raw.replaceAll(/&([^;&\s]{0,16};?)/g, (_, reference: string) => {
      const [, digits, hexadecimal, name] = /^(?:#(\d{1,7})|#x([\dA-Fa-f]{1,6})|([a-z]+));$/.exec(reference) ?? []
      if (name !== undefined) return ENTITIES.get(name) ?? fail('an entity is not one of the five of XML')
      const point = digits === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(digits)
      return isCharacter(point) ? String.fromCodePoint(point) : fail('`&` begins no entity')
    })

  /** Comments and processing instructions say nothing; the declaration of XML stands first or not at all. */
  const skip = (markup: string): boolean => {
    if (markup === '<!--') {
      if (upTo('--', 'a comment') !== undefined && text[at] !== '>') fail('`--` stands in a comment')
      at += 1
      return true
    }
    if (markup !== '<?') return false
    const isFirst = at === markup.length
    const target = nameHere()
    const says = upTo('?>', 'a processing instruction')
    if (target.toLowerCase() === 'xml') {
      if (!isFirst) fail('`<?xml` stands elsewhere than at the beginning')
      if (!DECLARATION.test(says)) fail('`<?xml` declares something else than XML 1.0 in UTF-8, ASCII or Latin-1')
    } else if (target.includes(':') || !/^(\s|$)/.test(says))
      fail('a processing instruction has no name, or one that cannot be')
    return true
  }

  const attributesHere = (): ReadonlyMap<string, string> => {
    const attributes = new Map<string, string>()
    for (;;) {
      const space = take(SPACE)
      if (text.startsWith('>', at) || text.startsWith('/>', at)) return attributes
      if (space === '') fail('an attribute was expected')
      const name = nameHere()
      take(SPACE)
      expect('=')
      take(SPACE)
      const quote = text[at]
      if (quote !== '"' && quote !== "'") return fail('a value in quotes was expected')
      at += 1
      const value = upTo(quote, 'a value')
      if (value.includes('<')) fail('`<` stands in a value')
      if (attributes.has(name)) fail('an attribute is given twice')
      attributes.set(name, decoded(value.replaceAll(/[\t\n]/g, ' '))) // XML 1.0, section 3.3.3
    }
  }

  const elementHere = (depth: number): XmlElement => {
    if (depth > DEEPEST) fail(`elements are nested deeper than ${DEEPEST}`)
    const startLine = lineNow()
    const name = nameHere()
    const attributes = attributesHere()
    const children: XmlElement[] = []
    let inside = ''
    const done = () => ({ name, attributes, children, text: inside, line: startLine })
    if (text.startsWith('/>', at)) {
      at += 2
      return done()
    }
    expect('>')
    for (;;) {
      const next = text.indexOf('<', at)
      if (next < 0) fail('an element is not closed')
      const plain = text.slice(at, next)
      if (plain.includes(']]>')) fail('`]]>` stands outside of a CDATA section')
      inside += decoded(plain)
      at = next
      const markup = MARKUP.find((one) => text.startsWith(one, at)) ?? '<'
      at += markup.length
      if (markup === '<![CDATA[') inside += upTo(']]>', 'a CDATA section')
      else if (markup === '</') {
        if (nameHere() !== name) fail('another element is closed than was opened')
        take(SPACE)
        expect('>')
        return done()
      } else if (!skip(markup)) children.push(elementHere(depth + 1))
    }
  }

  /** @returns whether an element begins */
  const between = (): boolean => {
    for (;;) {
      take(SPACE)
      if (at === text.length) return false
      const markup = MARKUP.find((one) => text.startsWith(one, at))
      if (markup === undefined) return fail('text stands outside of any element')
      at += markup.length
      if (text[at] === '!') return fail('a document type is not taken')
      if (!skip(markup)) return true
    }
  }

  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text)) fail('a character is none of XML')
  if (!between()) fail('there is no element')
  const root = elementHere(1)
  if (between()) fail('there is more than one root element')
  return root
}

const isCharacter = (point: number): boolean =>
  point === 9 ||
  point === 10 ||
  point === 13 ||
  (point >= 32 && point <= 0x10ffff && !(point >= 0xd800 && point < 0xe000))
