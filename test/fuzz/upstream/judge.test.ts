/** The judge of what goes upstream reads paths as Hadoop does, and knows every operation that the gateway knows. */
import { beforeAll, expect, test } from 'vitest'
import { OPERATIONS } from '../../../src/core/hdfs/operations.ts'
import { readPolicy } from '../policies.ts'
import { readingsOf, resolve } from './hadoop-path.ts'
import { type Judge, judgeFor } from './judge.ts'
import { OPERATION_NAMES } from './touched.ts'

const INODES = new Map([[16_400, '/fuzz/other/known.csv']])
let judge: Judge
beforeAll(async () => {
  judge = judgeFor(await readPolicy(), INODES, 'TOKEN')
})

const asks = (
  method: string,
  pathAndQuery: string,
  more: { to?: 'datanode'; bodyBytes?: number; header?: string } = {},
) =>
  judge(
    {
      to: more.to ?? 'namenode',
      method,
      target: `/webhdfs/v1${pathAndQuery}&delegation=TOKEN`,
      headers: [['Host', 'localhost'], ...(more.header === undefined ? [] : [[more.header, 'x'] as const])],
      bodyBytes: more.bodyBytes ?? 0,
      status: 0,
    },
    'careful',
  )

test('it knows the operations of the table, and no others', () => {
  const named = (pairs: readonly (readonly [string, string])[]) => pairs.map((pair) => pair.join(' ')).sort()
  expect(named(OPERATION_NAMES)).toEqual(named(OPERATIONS.map(({ method, name }) => [method, name])))
})

test.each([
  ['/fuzz/open/a', ['/fuzz/open/a']],
  ['/fuzz/open/%2573ecret', ['/fuzz/open/%73ecret', '/fuzz/open/secret']],
  ['/fuzz/open/../other', ['/fuzz/other']],
  ['/fuzz/open;/../other', ['/fuzz/other', '/fuzz/open']],
  ['//.reserved/raw//fuzz/other', ['/fuzz/other']],
  ['/.reserved/.inodes/16400', ['/fuzz/other/known.csv']],
  ['/.reserved/.inodes/16400/..', ['/fuzz/other']],
])('some release of Hadoop reads %s as %j', (raw, paths) => {
  expect(readingsOf(raw, INODES).map(({ path }) => path)).toEqual(paths)
})

test('a path in a snapshot is its live path', () => {
  expect(resolve('/fuzz/open/.snapshot/s0/secret', INODES)).toEqual({ path: '/fuzz/open/secret', isInSnapshot: true })
})

test('what policy allows passes, and so do errands', () => {
  expect(asks('GET', '/fuzz/open/a.csv?op=OPEN')).toBeUndefined()
  expect(asks('GET', '/fuzz/open/.snapshot/s0/a.csv?op=OPEN')).toBeUndefined()
  expect(asks('PUT', '/fuzz/home/x?op=RENAME&destination=%2Ffuzz%2Fhome%2Fy')).toBeUndefined()
  expect(asks('GET', '/?op=GETSERVERDEFAULTS')).toBeUndefined()
})

test.each([
  ['a nested dataset', 'GET', '/fuzz/open/secret/known.csv?op=OPEN'],
  ['a sibling', 'GET', '/fuzz/open-secret/known.csv?op=GETFILESTATUS'],
  ['what lies below', 'GET', '/fuzz/open?op=GETCONTENTSUMMARY'],
  ['a snapshot of what is denied', 'GET', '/fuzz/open/.snapshot/s0/secret?op=LISTSTATUS'],
  ['a snapshot without the right to it', 'GET', '/fuzz/frozen/.snapshot/s1?op=LISTSTATUS'],
  ['a destination', 'PUT', '/fuzz/home/x?op=RENAME&destination=%2Ffuzz%2Fhome%2F..%2Fother'],
  ['a destination that begins with a host', 'PUT', '/fuzz/home/x?op=RENAME&destination=%2F%2Ffuzz%2Fhome%2Fx'],
  ['where it lands', 'PUT', '/fuzz/home/dir/drop?op=RENAME&destination=%2Ffuzz%2Fhome&renameoptions=OVERWRITE'],
  ['a source', 'POST', '/fuzz/home/x?op=CONCAT&sources=%2Ffuzz%2Fhome%2Fy,%2Ffuzz%2Fother%2Fz'],
  ['a name that leads out', 'GET', '/fuzz/home?op=LISTSTATUS_BATCH&startafter=..%2Fother'],
  ['a delegation token', 'GET', '/?op=GETDELEGATIONTOKEN'],
  ['somebody else', 'GET', '/fuzz/open/a.csv?op=GETFILESTATUS&doAs=hdfs'],
  ['a parameter twice', 'GET', '/fuzz/open/a.csv?op=GETFILESTATUS&OP=OPEN'],
  ['an operation that is none', 'GET', '/fuzz/open/a.csv?op=X'],
])('a request for %s is a violation', (_what, method, pathAndQuery) => {
  expect(asks(method, pathAndQuery)).toEqual(expect.any(String))
})

test('a body or a header of the client to the NameNode is a violation', () => {
  expect(asks('PUT', '/fuzz/home/d?op=MKDIRS', { bodyBytes: 9 })).toContain('a body')
  expect(asks('PUT', '/fuzz/home/d?op=MKDIRS', { header: 'X-Hadoop-Accept-EZ' })).toContain('the header')
  expect(asks('PUT', '/fuzz/home/f?op=CREATE', { to: 'datanode', bodyBytes: 9 })).toBeUndefined()
})
