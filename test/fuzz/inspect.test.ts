/** What the fuzzer must see in an answer, and what it must not take for a find. */
import { expect, test } from 'vitest'
import { Sweep } from '../sweep/sweep.ts'
import { inspectorFor } from './inspect.ts'

const world = { canaries: new Sweep({ 'name of a denied file': 'c0ffee00c0ffee00' }), deniedInodes: new Set([16_400]) }
const inspect = inspectorFor(world, new Sweep({ 'delegation token': 'GgAFcXVhbnQFcXVhbnQ' }))
const of = (head: string, body: string) => inspect(Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n${body}`, 'latin1'))

test.each([
  ['a name', 'Content-Length: 30', '{"pathSuffix":"c0ffee00c0ffee00.csv"}'],
  ['a name in base64', 'Content-Length: 30', Buffer.from('a c0ffee00c0ffee00').toString('base64')],
  ['a name in two chunks', 'Transfer-Encoding: chunked', '8\r\nc0ffee00\r\n8\r\nc0ffee00\r\n0\r\n\r\n'],
  ['an inode', 'Content-Length: 30', '{"fileId":16400,"length":1}'],
  ['our delegation token', 'X: GgAFcXVhbnQFcXVhbnQ', ''],
  ['a cookie', 'Set-Cookie: x=y', ''],
])('%s is a find', (_what, head, body) => {
  expect(of(head, body)).toEqual(expect.any(String))
})

test.each([
  ['another inode', '{"fileId":164001,"length":16400}'],
  ['half a name', '{"pathSuffix":"c0ffee00"}'],
  ['a refusal', '{"RemoteException":{"message":"quant may not read /fuzz/other (no-dataset)"}}'],
])('%s is none', (_what, body) => {
  expect(of('Content-Length: 30', body)).toBeUndefined()
})
