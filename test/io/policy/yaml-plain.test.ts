/** The plain reader against the careful one, and what it is too plain for. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readPlain } from '../../../src/io/policy/yaml-plain.ts'
import { agrees, agreeWhereBothSpeak } from './readers.ts'
import { plainSoup, tokenSoup } from './texts.ts'

const agree = (text: string): boolean => agrees(readPlain, text)

describe('what the plain reader takes', () => {
  const POLICIES = join(import.meta.dirname, '../../../policies')
  const shipped = readdirSync(POLICIES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'))

  test('is nearly every file in policies/', () => {
    expect(shipped.filter((name) => !agree(readFileSync(join(POLICIES, name), 'utf8'))).length).toBeLessThan(
      shipped.length / 5,
    )
  })

  test.each<[string, string]>([
    ['nothing', ''],
    ['comments alone', '# a\n---\n# b\n--- # c\n---\n'],
    ['a last line without an end', 'a: b'],
    ['words that were truth values once', 'a: [yes, no, on, off, y, n]\nb: true\nc: [False, NULL, nUll]\n'],
    ['numbers', 'a: [0, 1_000, 7, 900719925474099]\nb: 1\nc: 1:30\n'],
    ['a moment', 'b: 2027-01-31T00:00:00Z\n'],
    ['colons inside words in brackets', 'a: [https://nn1.lab:9871, b:c, 12:30]\nf: {g: h:i}\n'],
    ['quotes', `a: 'x: # y'\nb: "it's"\nc: ''\nd: ["#", 'a, b']\n`],
    ['pairs in brackets', 'a: {b: c, d: {e: [f]}}\nb: []\nc: {}\nd: [ { a: b } , c ]\n'],
    ['lists that are not indented', 'a:\n- b\n- c: d\n  e: [f]\n  g:\n  - h\nb: c\n'],
    ['marks inside text', 'a: R&D * 100%!\nb: a#b\nc: http://x:1\nd: a, [b] {c}\n'],
    ['other alphabets, where they are marked off', 'a: "日本" # ☃\n'],
    ['space at the ends of lines', 'a: b   \nc:   \n  - d  \n  - e # f  \n   \n'],
    ['comments in any column', 'a:\n# x\n    # y\n  b: c\n # z\n  d: e\n'],
    ['names of prototypes', 'constructor: toString\nhasOwnProperty: {valueOf: a}\n'],
  ])('%s', (_, text) => {
    expect(agree(text)).toBe(true)
  })
})

describe('what it leaves to the others', () => {
  test.each<[string, string]>([
    ['an anchor', 'a: &x 1\n'],
    ['an alias', 'a: *x\n'],
    ['a tag', 'a: !!str 1\n'],
    ['a directive', '%YAML 1.1\n---\na: yes\n'],
    ['an end of a document', 'a: 1\n...\nb: 2\n'],
    ['a key given twice', 'a: 1\na: 2\n'],
    ['a key given twice in brackets', 'a: {b: 1, b: 2}\n'],
    ['a prototype', '__proto__: {a: 1}\n'],
    ['a key that is a truth value', 'a:\n  true: x\n'],
    ['a key that is nothing in brackets', 'a: {null: x}\n'],
    ['a number with zeros before it', 'a: 017\n'],
    ['a number in another base', 'a: [0x1F]\n'],
    ['a fraction', 'a: 1.5\n'],
    ['a number below zero', 'a: {b: -1}\n'],
    ['no number', 'a: .nan\n'],
    ['a number that is not exact', 'a: 9007199254740993\n'],
    ['a day', 'a: 2027-01-31\n'],
    ['a colon behind a word in brackets', 'a: [b:]\n'],
    ['a pair without a space in brackets', 'a: {b:c}\n'],
    ['a value that is nothing', 'a:\nb: 1\n'],
    ['a value that is nothing at the end', 'a:\n'],
    ['text over several lines', 'a: one\n  two\n'],
    ['text over several lines, which looks like a key', 'a: one\n  b: two\n'],
    ['an item over several lines', 'a:\n  - b\n    c\n'],
    ['text in quotes over several lines', 'a: "one\n  two"\n'],
    ['text behind quotes', `a: 'it''s'\nb: "x" y\n`],
    ['escapes', 'a: "\\x41"\n'],
    ['a list over several lines', 'a: [x,\n  y]\n'],
    ['a list that ends in a comma', 'a: [x, ]\n'],
    ['a list with a comment', 'a: [x, #]\n'],
    ['text behind a list', 'a: [x] y\n'],
    ['a list that does not end', 'a: [1\n'],
    ['a block of text', 'a: |\n  x\n'],
    ['a pair in a list', 'a: [b: c]\n'],
    ['two pairs on a line', 'a: b: c\n'],
    ['a colon at the end', 'a: b:\n'],
    ['a key that is shifted', 'a:\n    b: c\n  d: e\n'],
    ['a dash that is shifted', 'a:\n    - b\n  - c\n'],
    ['a key behind a list', 'a:\n  - b\n  c: d\n'],
    ['a mapping beside the dashes of its document', '--- a: b\n'],
    ['a list', '- a\n'],
    ['text', 'just text\n'],
    ['a tab', 'a:\t1\n'],
    ['lines that end as on Windows', 'a: 1\r\nb: 2\r\n'],
    ['more fields than any policy has', Array.from({ length: 101 }, (_, at) => `k${at}: x\n`).join('')],
    ['depth', `a: ${'['.repeat(40)}${']'.repeat(40)}\n`],
    ['depth by lines', Array.from({ length: 40 }, (_, at) => `${' '.repeat(at)}a:\n`).join('')],
  ])('%s', (_, text) => {
    expect(readPlain('a.yaml', text)).toBeUndefined()
  })
})

test.each<[string, fc.Arbitrary<string>, number]>([
  ['signs thrown together', tokenSoup, 5000],
  ['lines of keys, dashes and brackets thrown together', plainSoup, 5000],
])('on %s, the two agree wherever both speak', (_, texts, numRuns) => {
  agreeWhereBothSpeak(readPlain, texts, numRuns)
})
