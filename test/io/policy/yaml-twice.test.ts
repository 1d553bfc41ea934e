/** The fast reader against the careful one: whatever it takes, both give the same documents, values and places. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readFast } from '../../../src/io/policy/yaml-fast.ts'
import { SMALL } from './folder.ts'
import { agrees, agreeWhereBothSpeak } from './readers.ts'
import { policyText, tokenSoup } from './texts.ts'

const agree = (text: string): boolean => agrees(readFast, text)

describe('what the fast reader takes', () => {
  const POLICIES = join(import.meta.dirname, '../../../policies')
  const shipped = readdirSync(POLICIES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'))

  test('is every file in policies/', () => {
    expect(shipped.filter((name) => !agree(readFileSync(join(POLICIES, name), 'utf8')))).toEqual([])
    expect(shipped.length).toBeGreaterThan(5)
  })

  test.each<[string, string]>([
    ['documents on one line', SMALL],
    ['nothing', ''],
    ['comments alone', '# a\n---\n# b\n--- # c\n---\n'],
    ['lines that end as on Windows', 'a: 1\r\nb:\r\n  - x\r\n  - "y"\r\nc: |\r\n  one\r\n\r\n  two\r\nd: last\r\n'],
    [
      'words that were truth values once',
      'a: [yes, no, on, off, y, n, Yes, NO]\nb: [true, False, NULL, ~, nUll, tRue]\n',
    ],
    [
      'numbers',
      'a: [0o17, 017, 1_000, 0x1F, 1e3, .inf, -.INF, .nan, +1, -0, 1., .5, 0b1, 1e, 9007199254740993, 08, 1:30]\n',
    ],
    ['dates', 'a: 2027-01-31\nb: 2027-01-31T00:00:00Z\nc: [2027-01-31 00:00:00, 1.2.3, 10.0.0.1]\n'],
    ['quotes', `a: 'it''s'\nb: "a\\n\\x41\\u00e9 \\\\"\nc: ''\n"d": 'x y'\n'e f': "#"\n`],
    ['text in blocks', 'a: |\n  x\n   y\n\n  z\nb: >-\n  x\n  y\n\n  z\nc: |\n\n  x  \n\nd: e\n'],
    ['`---` in a block', 'a: |\n  ---\n  b: c\n---\nd: e\n'],
    ['flow over several lines', 'a: [x,\n  y, # c\n\n  {b: c,\n   d: e}]\n'],
    ['pairs in lists', 'a: [b: c, d, {e: f}]\n'],
    ['a document that is indented', '  a: b\n  c: d\n'],
    ['lists that are not indented', 'a:\n- b\n- c: d\n  e: [f]\n-   - g\n'],
    ['marks inside text', 'a: R&D * 100%!\nb: a#b\nc: http://x:1\nd: "&x *y !z"\n'],
    ['other alphabets', 'a: é ☃ 𝄞\n"ключ": [日本]\n'],
    ['space at the ends of lines', 'a: b   \nc:   \n  - d  \n  - e # f  \n'],
    ['names of prototypes', 'constructor: toString\nhasOwnProperty: {valueOf: a}\n'],
    ['a merge, which is a key as any other', '<<: {a: b}\n'],
  ])('%s', (_, text) => {
    expect(agree(text)).toBe(true)
  })
})

describe('what it leaves to the careful reader', () => {
  test.each<[string, string]>([
    ['an anchor', 'a: &x 1\n'],
    ['an alias', 'a: &x 1\nb: *x\n'],
    ['a tag', 'a: !!str 1\n'],
    ['a tag on a key', '!!str a: 1\n'],
    ['a tag on a document', '--- !!map\na: 1\n'],
    ['a directive', '%YAML 1.1\n---\na: yes\n'],
    ['an end of a document', 'a: 1\n...\nb: 2\n'],
    ['a key given twice', 'a: 1\na: 2\n'],
    ['the same key in quotes', 'a: 1\n"a": 2\n'],
    ['a prototype', '__proto__: {a: 1}\n'],
    ['a prototype in quotes', '{"__proto__": 1}\n'],
    ['a prototype by escapes', '{"__pr\\u006fto__": 1}\n'],
    ['a key that is a number', '1: x\n'],
    ['a key that is a number in quotes', '"1": x\na: b\n'],
    ['a key that is a truth value', 'true: x\n'],
    ['a key that is nothing', ': x\n'],
    ['a key that is a list', '? [a]\n: x\n'],
    ['a key of more than a thousand characters', `${'k'.repeat(2000)}: x\n`],
    ['a value that is nothing', 'a:\nb: 1\n'],
    ['a block that keeps its last lines', 'a: |+\n  x\n\n'],
    ['a block that says its indentation', 'a: |2\n   x\n'],
    ['a block with a comment at its head', 'a: | # why >\n  x\n'],
    ['text over several lines', 'a: one\n  two\n'],
    ['text in quotes over several lines', 'a: "one\n  two"\n'],
    ['a marked key', '? a\n: b\n'],
    ['a value below its key', 'a:\n  b\n'],
    ['an item below its dash', 'a:\n  -\n    b\n'],
    ['a second item below its dash', 'a:\n  - b\n  -\n    c\n'],
    ['a marked key over a mapping', '? a\n:\n  b: c\n'],
    ['a lone carriage return in a block', 'a: |\n  x\r  y\n'],
    ['a mapping beside the dashes of its document', '--- a: b\n'],
    ['a key behind an item, which the parser would take', 'a:\n- [b] c: d\n'],
    ['a list', '- a\n'],
    ['text', 'just text\n'],
    ['a tab', 'a:\t1\n'],
    ['a lone carriage return', 'a: 1\rb: 2\n'],
    ['a NUL', 'a: b\0c: d\n'],
    ['a byte order mark between documents', 'a: 1\n---\n\ufeffb: 2\n'],
    ['a line separator', 'a: "x\u2028y"\n'],
    ['a list that does not end', 'a: [1,\n'],
    ['text that does not end', 'a: "x\n'],
    ['depth', `a: ${'['.repeat(40)}${']'.repeat(40)}\n`],
    ['depth without end', '['.repeat(100_000)],
  ])('%s', (_, text) => {
    expect(readFast('a.yaml', text)).toBeUndefined()
  })
})

test.each<[string, fc.Arbitrary<string>, number]>([
  ['policy text that was bent and broken', policyText, 2000],
  ['signs thrown together', tokenSoup, 5000],
])('on %s, the two agree wherever both speak', (_, texts, numRuns) => {
  agreeWhereBothSpeak(readFast, texts, numRuns)
})
