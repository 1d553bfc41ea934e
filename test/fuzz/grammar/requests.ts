/** Whole requests as bytes, well formed and not, one character each. */
import type { Random } from '../random.ts'
import { plainPath, rawPath } from './paths.ts'
import { rawQuery } from './queries.ts'
import { type Shot, shotOf } from './shot.ts'

const PREFIXES = [
  '/WEBHDFS/v1',
  '//webhdfs/v1',
  '/webhdfs//v1',
  '/webhdfs/v2',
  '/webhdfs/./v1',
  '/webhdfs/%76%31',
  '/x/../webhdfs/v1',
  '/webhdfs/v1;x',
  '/webhdfs/v1%2f',
  '',
  '/jmx?',
  '/conf',
  'http://nn1.lab:9871/webhdfs/v1',
  'http://{{host}}/webhdfs/v1',
  '\\webhdfs\\v1',
  '*',
  '/webhdfs/v1/..',
]
const HOSTS = [
  'evil.example',
  'nn1.lab:9871',
  'localhost',
  '127.0.0.1',
  '',
  '{{host}}.evil.example',
  'x@{{host}}',
  '{{host}},evil',
  '0.0.0.0:80',
]
const HEADERS = [
  ...[
    'X-Hadoop-Accept-EZ: true',
    'X-HTTP-Method-Override: DELETE',
    'X-HTTP-Method: DELETE',
    'X-Forwarded-For: 10.0.0.1',
  ],
  ...[
    'X-Forwarded-Host: nn1.lab',
    'X-Hadoop-Delegation-Token: AAAA',
    'Authorization: Negotiate AAAA',
    'Cookie: hadoop.auth=x',
  ],
  ...[
    'Connection: x-xsrf-header',
    'Upgrade: h2c',
    'TE: trailers',
    'Expect: 100-continue',
    'Expect: x',
    'Range: bytes=0-9',
  ],
  ...['X-Original-URL: /webhdfs/v1/fuzz/other/known.csv', 'X-Rewrite-URL: /jmx', 'Origin: http://evil.example'],
  ...['Sec-Fetch-Site: cross-site', 'Referer: http://evil.example/', 'Accept-Encoding: gzip', 'If-None-Match: *'],
  ...['User-Agent: Mozilla/5.0', 'Trailer: Host', 'Content-Encoding: gzip', 'Forwarded: for=10.0.0.1;host=nn1.lab'],
]
const FORMS = ['doas=hdfs', 'op=DELETE&recursive=true', 'delegation=AAAA', 'destination=/fuzz/other/x', 'hello']
const FORM = 'Content-Type: application/x-www-form-urlencoded'

export function makeShot(random: Random, inodes: readonly number[]): Shot {
  const { method, query } = rawQuery(random, inodes)
  const prefix = random.chance(0.96) ? '/webhdfs/v1' : random.pick(PREFIXES)
  const path = random.chance(0.3) ? plainPath(random) : rawPath(random, inodes)
  const target = utf8(`${prefix}${random.chance(0.98) ? path : path.slice(1)}?${query}`)
  const host = random.chance(0.97) ? '{{host}}' : random.pick(HOSTS)
  const head = [`${method} ${target} HTTP/1.${random.chance(0.98) ? 1 : 0}`, `Host: ${host}`]
  while (random.chance(0.2)) head.push(random.pick(HEADERS))
  return random.chance(0.95) ? framed(random, method, head) : misframed(random, head)
}

function framed(random: Random, method: string, head: string[]): Shot {
  const hasBody = method === 'PUT' || method === 'POST' ? random.chance(0.5) : random.chance(0.05)
  const body = random.pick(FORMS)
  if (hasBody && random.chance(0.5)) head.push(FORM)
  if (!hasBody) {
    if (method !== 'GET' && random.chance(0.5)) head.push('Content-Length: 0')
    return shot(head, '')
  }
  if (random.chance(0.6)) return shot([...head, `Content-Length: ${body.length}`], body)
  const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  return shot([...head, 'Transfer-Encoding: chunked'], chunks)
}

/** A second request that a careless reader would find in the body of the first. */
const SMUGGLED = 'DELETE /webhdfs/v1/fuzz/home/kept?op=DELETE&recursive=true HTTP/1.1\r\nHost: {{host}}\r\n\r\n'

function misframed(random: Random, head: string[]): Shot {
  const length = SMUGGLED.length
  const [headers, body] = random.pick([
    [[`Content-Length: 0`, `Content-Length: ${length}`], SMUGGLED],
    [[`Content-Length: ${length}`, 'Transfer-Encoding: chunked'], `0\r\n\r\n${SMUGGLED}`],
    [['Transfer-Encoding: chunked', 'Content-Length: 5'], `0\r\n\r\n${SMUGGLED}`],
    [['Transfer-Encoding: identity, chunked'], `0\r\n\r\n${SMUGGLED}`],
    [['Transfer-Encoding: xchunked'], `0\r\n\r\n${SMUGGLED}`],
    [['Transfer-Encoding : chunked'], `0\r\n\r\n${SMUGGLED}`],
    [['Transfer-Encoding:\tchunked'], `0\r\n\r\n${SMUGGLED}`],
    [['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], `0\r\n\r\n${SMUGGLED}`],
    [[`Content-Length: +${length}`], SMUGGLED],
    [[`Content-Length: 0x${length.toString(16)}`], SMUGGLED],
    [[`Content-Length: ${length}, ${length}`], SMUGGLED],
    [[`Content-Length: -1`], SMUGGLED],
    [['Transfer-Encoding: chunked'], `5;x="\r\n"\r\nhello\r\n0\r\n\r\n${SMUGGLED}`],
    [['Transfer-Encoding: chunked'], `fffffffffffffffff\r\nx`],
    [['Transfer-Encoding: chunked'], `0\r\nHost: evil.example\r\n\r\n${SMUGGLED}`],
    [['X: a\r\n Transfer-Encoding: chunked'], ''],
    [['X: a\r\n\tb'], ''],
    [['X: a\nTransfer-Encoding: chunked'], `0\r\n\r\n${SMUGGLED}`],
    [['X: a\rb'], ''],
    [['X\0: a'], ''],
    [['Host: evil.example'], ''],
    [[' X: leading'], ''],
    [[`X: ${'x'.repeat(random.below(90_000))}`], ''],
    [Array.from({ length: random.below(3000) }, (_none, index) => `X${index}: x`), ''],
  ] as const)
  return shot([...head, ...headers], body)
}

const shot = (head: readonly string[], body: string): Shot => shotOf(`${head.join('\r\n')}\r\n\r\n${body}`)

const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
