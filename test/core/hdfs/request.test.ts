/** What an attacker may write into method, path and query, and what comes of it before policy is even asked. */
import { describe, expect, test } from 'vitest'
import { demandsOf, type HdfsRequest, parseRequest, sentQuery, stepTwo } from '../../../src/core/hdfs/request.ts'

const parsed = (method: string, rest: string): HdfsRequest => {
  const request = parseRequest(method, `/webhdfs/v1${rest}`)
  if ('refuse' in request) throw new Error(`${method} ${rest} was refused: ${request.refuse}`)
  return request
}
const refusal = (method: string, rawTarget: string) => {
  const request = parseRequest(method, rawTarget)
  return 'refuse' in request ? request.refuse : 'taken'
}
const demanded = (method: string, rest: string): string[] =>
  demandsOf(parsed(method, rest)).map(
    ({ action, path, scope }) => `${action} ${path}${scope === 'subtree' ? '/**' : ''}`,
  )

describe('the attacker corpus: raw target → why it is refused', () => {
  test.each([
    ['GET', '/webhdfs/v1/data/market/../weather/x?op=OPEN', 'dot-segment'],
    ['GET', '/webhdfs/v1/data/market/%2e%2e/weather/x?op=OPEN', 'dot-segment'],
    ['GET', '/webhdfs/v1/data/market/%252e%252e/weather/x?op=OPEN', 'double-encoding'],
    ['GET', '/webhdfs/v1/data/market;/../weather?op=OPEN', 'matrix-parameter'],
    ['GET', '/webhdfs/v1/.reserved/raw/data/weather/x?op=OPEN', 'reserved-path'],
    ['GET', '/webhdfs/v1/.reserved/.inodes/16387?op=OPEN', 'reserved-path'],
    ['GET', '/webhdfs/v1/data/%00?op=OPEN', 'control-character'],
    ['GET', '/webhdfs/v1/../jmx?op=OPEN', 'dot-segment'],
    ['GET', '/webhdfs/v1x/data?op=OPEN', 'bad-target'],
    ['GET', '/webhdfs/v1;x/data?op=OPEN', 'bad-target'],
    ['GET', '/webhdfs/v2/data?op=OPEN', 'bad-target'],
    ['GET', '/WEBHDFS/V1/data?op=OPEN', 'bad-target'],
    ['GET', '//webhdfs/v1/data?op=OPEN', 'bad-target'],
    ['GET', '/webhdfs/%76%31/data?op=OPEN', 'bad-target'],
    ['GET', 'http://nn1.lab:9871/webhdfs/v1/data?op=OPEN', 'bad-target'],
    ['GET', '*', 'bad-target'],
    ['GET', '/jmx', 'bad-target'],
    ['GET', '/conf', 'bad-target'],
    ['GET', '/webhdfs/v1/data?op=OPEN#x', 'bad-target'],
    ['GET', '/webhdfs/v1/data#?op=OPEN', 'bad-target'],
    ['GET', '/webhdfs/v1/data?op=GETFILESTATUS&op=OPEN', 'duplicate-parameter'],
    ['GET', '/webhdfs/v1/data?op=GETFILESTATUS&OP=OPEN', 'duplicate-parameter'],
    ['GET', '/webhdfs/v1/data?op=OPEN&%6fp=OPEN', 'duplicate-parameter'],
    ['GET', '/webhdfs/v1/data?op=OPEN&offset=0&Offset=5', 'duplicate-parameter'],
    ['GET', '/webhdfs/v1/data?op=OPEN&user.name=quant&user.name=hdfs', 'duplicate-parameter'],
    ['GET', '/webhdfs/v1/data?op=OPEN&doas=hdfs', 'identity-parameter'],
    ['GET', '/webhdfs/v1/data?op=OPEN&DoAs=hdfs', 'identity-parameter'],
    ['GET', '/webhdfs/v1/data?op=OPEN&d%6Fas=hdfs', 'identity-parameter'],
    ['GET', '/webhdfs/v1/data?op=OPEN&delegation=abc', 'identity-parameter'],
    ['GET', '/webhdfs/v1/data?op=OPEN&doas', 'identity-parameter'],
    ['GET', '/webhdfs/v1/data?op=OPEN&x=%ff', 'bad-parameter'],
    ['GET', '/webhdfs/v1/data?op=OPEN&offset=-1', 'bad-parameter'],
    ['GET', '/webhdfs/v1/data?op=OPEN&offset=1%26delegation=x', 'bad-parameter'],
    ['GET', '/webhdfs/v1/data?op=OPEN&offset=9223372036854775808', 'bad-parameter'],
    ['GET', '/webhdfs/v1/data?op=OPEN&buffersize=2147483647', 'bad-parameter'],
    ['PUT', '/webhdfs/v1/data/x?op=CREATE&overwrite=yes', 'bad-parameter'],
    ['PUT', '/webhdfs/v1/data/x?op=CREATE&permission=4755', 'bad-parameter'],
    ['PUT', '/webhdfs/v1/data/x?op=CREATE&permission=rwx', 'bad-parameter'],
    ['PUT', '/webhdfs/v1/data/x?op=CREATE&replication=30000', 'bad-parameter'],
    ['PUT', '/webhdfs/v1/data/x?op=CREATE&createflag=CREATE,EVERYTHING', 'bad-parameter'],
    ['PUT', '/webhdfs/v1/data/x?op=CREATE&createflag=CREATE,APPEND', 'bad-parameter'],
    ['PUT', '/webhdfs/v1/data/x?op=RENAME', 'bad-parameter'],
    ['PUT', '/webhdfs/v1/data/x?op=RENAME&destination=x', 'relative-path'],
    ['PUT', '/webhdfs/v1/data/x?op=RENAME&destination=', 'relative-path'],
    ['PUT', '/webhdfs/v1/data/x?op=RENAME&destination=/data/../weather/x', 'dot-segment'],
    ['PUT', '/webhdfs/v1/data/x?op=RENAME&destination=%2Fdata%2F..%2Fweather', 'dot-segment'],
    ['PUT', '/webhdfs/v1/data/x?op=RENAME&destination=%252Fdata', 'relative-path'],
    ['PUT', '/webhdfs/v1/data/x?op=RENAME&destination=/data/%252e%252e/x', 'double-encoding'],
    ['PUT', '/webhdfs/v1/data/x?op=RENAME&destination=/.reserved/raw/x', 'reserved-path'],
    ['PUT', '/webhdfs/v1/data/x?op=RENAME&destination=/x&renameoptions=ALL', 'bad-parameter'],
    ['GET', '/webhdfs/v1/data?op=CHECKACCESS', 'bad-parameter'],
    ['GET', '/webhdfs/v1/data?op=CHECKACCESS&fsaction=rwt', 'bad-parameter'],
    ['GET', '/webhdfs/v1/data', 'unknown-operation'],
    ['GET', '/webhdfs/v1/data?op=', 'unknown-operation'],
    ['GET', '/webhdfs/v1/data?op=INSTRUMENTATION', 'unknown-operation'],
    ['GET', '/webhdfs/v1/data?op=constructor', 'unknown-operation'],
    ['GET', '/webhdfs/v1/data?op=GETDELEGATIONTOKEN', 'unsupported-operation'],
    ['PUT', '/webhdfs/v1/data?op=createsymlink', 'unsupported-operation'],
    ['POST', '/webhdfs/v1/data?op=DELETE', 'wrong-method'],
    ['GET', '/webhdfs/v1/data?op=DELETE', 'wrong-method'],
    ['HEAD', '/webhdfs/v1/data?op=OPEN', 'wrong-method'],
    ['PUT', '/webhdfs/v1/data?op=OPEN', 'wrong-method'],
  ])('%s %s is refused as %s', (method, rawTarget, reason) => {
    expect(refusal(method, rawTarget)).toBe(reason)
  })
})

describe('what real clients send is taken', () => {
  test.each([
    ['GET', '?op=GETHOMEDIRECTORY&user.name=root'],
    ['GET', '/?op=LISTSTATUS'],
    ['GET', '/data/market/?op=LISTSTATUS'],
    [
      'PUT',
      '/t/a._COPYING_?op=CREATE&user.name=root&blocksize=134217728&buffersize=4096&overwrite=true&permission=644&replication=3&unmaskedpermission=666',
    ],
    ['PUT', '/t/a?tempdir=%2Ftmp&overwrite=true&user.name=root&op=CREATE'],
    ['PUT', '/t/a?user.name=root&overwrite=True&op=CREATE'],
    ['PUT', '/t/a?op=create&user.name=root&overwrite=true&permission=0755'],
    ['PUT', '/t/a?op=CREATE&createflag=&noredirect=true'],
    ['POST', '/t/a?op=append&user.name=root&user.name=root&overwrite=true&permission=0755'],
    ['PUT', '/t/a?op=RENAME&user.name=root&destination=%2Ft%2Ffs%2Fa'],
    ['DELETE', '/t?op=DELETE&user.name=root&recursive=false'],
    ['GET', '/data/market/x?namenoderpcaddress=evil:1&excludedatanodes=x&nnaddr=y&token=z&op=OPEN'],
  ])('%s %s', (method, rest) => {
    expect(refusal(method, `/webhdfs/v1${rest}`)).toBe('taken')
  })
})

describe('each operation demands', () => {
  test.each([
    ['GET', '/d/x?op=GETFILESTATUS', ['stat /d/x']],
    ['GET', '/d?op=LISTSTATUS', ['list /d']],
    ['GET', '/d/x?op=OPEN', ['read /d/x']],
    ['GET', '/d?op=GETCONTENTSUMMARY', ['list /d/**']],
    ['GET', '/d?op=GETHOMEDIRECTORY', []],
    ['GET', '/d?op=CHECKACCESS&fsaction=---', ['stat /d']],
    ['GET', '/d?op=CHECKACCESS&fsaction=r--', ['stat /d', 'read /d', 'list /d']],
    ['GET', '/d?op=CHECKACCESS&fsaction=-w-', ['stat /d', 'create /d', 'append /d', 'overwrite /d']],
    ['GET', '/d?op=CHECKACCESS&fsaction=--x', ['stat /d', 'stat /d']],
    ['PUT', '/d/x?op=CREATE', ['create /d/x']],
    ['PUT', '/d/x?op=CREATE&overwrite=false', ['create /d/x']],
    ['PUT', '/d/x?op=CREATE&overwrite=True', ['create /d/x', 'overwrite /d/x']],
    ['PUT', '/d/x?op=CREATE&createflag=create,overwrite', ['create /d/x', 'overwrite /d/x']],
    ['PUT', '/d/x?op=MKDIRS', ['mkdir /d/x']],
    ['POST', '/d/x?op=APPEND', ['append /d/x']],
    ['DELETE', '/d/x?op=DELETE', ['delete /d/x']],
    ['DELETE', '/d/x?op=DELETE&recursive=TRUE', ['delete /d/x/**']],
    ['PUT', '/d/x?op=RENAME&destination=/e', ['delete /d/x/**', 'read /d/x/**', 'create /e/**']],
    [
      'PUT',
      '/d/x?op=RENAME&destination=/e&renameoptions=overwrite',
      ['delete /d/x/**', 'read /d/x/**', 'create /e/**', 'overwrite /e/**', 'delete /e/**'],
    ],
    ['GET', '/d/.snapshot/s0/x?op=OPEN', ['read /d/x', 'snap-read /d/x']],
    ['GET', '/d/.snapshot?op=LISTSTATUS', ['list /d', 'snap-read /d']],
    ['GET', '/d/.snapshot/s0?op=GETCONTENTSUMMARY', ['list /d/**', 'snap-read /d/**']],
    [
      'PUT',
      '/d/x?op=RENAME&destination=/e/.snapshot/s0/x',
      ['delete /d/x/**', 'read /d/x/**', 'create /e/x/**', 'snap-read /e/x/**'],
    ],
  ])('%s %s', (method, rest, expected) => {
    expect(demanded(method, rest)).toEqual(expected)
  })
})

test('what travels upstream is exactly what the row names, in one form', () => {
  const request = parsed(
    'PUT',
    '/t/a?op=create&user.name=root&OVERWRITE=True&permission=0755&recursive=true&namenoderpcaddress=evil&foo=bar&noredirect=true',
  )
  expect(sentQuery(request)).toEqual([
    ['op', 'CREATE'],
    ['overwrite', 'true'],
    ['permission', '755'],
  ])
  expect(request.redirectInBody).toBe(true)
})

test('a destination travels in canonical form', () => {
  const request = parsed('PUT', '/t/a?op=RENAME&destination=%2F%2Ft%2F%2Fb+c%2F')
  expect(sentQuery(request)).toContainEqual(['destination', '/t/b c'])
})

test('the URL of step two reads back as the same request, and says nothing about who asks', () => {
  const request = parsed('PUT', '/t/%C3%A9%20+?op=CREATE&overwrite=true&user.name=root&noredirect=true')
  const url = stepTwo(request)
  expect(url).toBe('/webhdfs/v1/t/%C3%A9%20%2B?op=CREATE&overwrite=true&step=2')
  expect(parseRequest('PUT', url)).toEqual({ ...request, step: 2, redirectInBody: false })
})

test('the marker of step two grants nothing: the same demands are made', () => {
  expect(demanded('GET', '/d/x?op=OPEN&step=2')).toEqual(demanded('GET', '/d/x?op=OPEN'))
})

test('a refused request is recorded with the path that the client wrote, and without its query', () => {
  expect(parseRequest('GET', '/webhdfs/v1/a/../b?op=open&delegation=SECRET')).toEqual({
    refuse: 'dot-segment',
    operation: 'OPEN',
    path: '/webhdfs/v1/a/../b',
  })
  expect(parseRequest('GET', '/webhdfs/v1/a?op=frobnicate')).toMatchObject({ operation: 'FROBNICATE', path: '/a' })
})
