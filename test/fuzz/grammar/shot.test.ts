/** What the fuzzer takes for one whole request; and that a seed, and nothing else, decides what it sends. */
import { expect, test } from 'vitest'
import { readCorpus } from '../corpus.ts'
import { volleysOf } from './draw.ts'
import { shotOf } from './shot.ts'

const HEAD = 'GET /webhdfs/v1?op=OPEN HTTP/1.1\r\nHost: x\r\n'

test.each([
  ['a head alone', `${HEAD}\r\n`, true, true],
  ['a body of its length', `${HEAD}Content-Length: 2\r\n\r\nhi`, true, false],
  ['one chunk', `${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`, true, false],
  ['half a head', HEAD, false, false],
  ['a body that is too short', `${HEAD}Content-Length: 3\r\n\r\nhi`, false, false],
  ['a length and chunks', `${HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nhi`, false, false],
  ['a folded header', `${HEAD}X: a\r\n b\r\n\r\n`, false, false],
  ['a body that waits', `${HEAD}Expect: 100-continue\r\nContent-Length: 2\r\n\r\nhi`, false, false],
])('%s', (_what, text, isWhole, isBare) => {
  expect(shotOf(text)).toEqual({ text, isWhole, isBare })
})

test('the same seed sends the same requests, another seed others', () => {
  const corpus = readCorpus()
  const sent = (seed: number) => {
    const next = volleysOf(seed, corpus, [7])
    return Array.from({ length: 200 }, next)
  }
  expect(sent(1)).toEqual(sent(1))
  expect(sent(1)).not.toEqual(sent(2))
})

test('the corpus is read as bytes with CRLF, and each is a request', () => {
  const corpus = readCorpus()
  expect(corpus.length).toBeGreaterThan(60)
  for (const request of corpus) expect(request).toMatch(/^[A-Z]+ [^\r\n]+ HTTP\/1\.1\r\n(?:[^\r\n]+\r\n)*\r\n/)
})
