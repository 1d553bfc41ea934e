/** What clients write into method, path and query, what it demands, and what of it travels on. */
import { describe, expect, test } from 'vitest'
import { SYNTHETIC_TOKEN } from '../../../src/core/hadoop/synthetic-token.ts'
import type { Demanding } from '../../../src/core/hdfs/demands.ts'
import { findOperation } from '../../../src/core/hdfs/operations.ts'
import { writeQuery } from '../../../src/core/hdfs/query.ts'
import {
  demandsOf,
  type HdfsRequest,
  parseRequest,
  sentQuery,
  sentTarget,
  stepTwo,
} from '../../../src/core/hdfs/request.ts'
import { sentPath } from '../../../src/core/hdfs/target.ts'
import { hdfs } from '../policy/bundle-of.ts'

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
    ['GET', '/data/?op=LISTSTATUS_BATCH&startAfter='],
    ['GET', '/?op=GETSERVERDEFAULTS&user.name=root'],
    ['GET', '/?op=GETDELEGATIONTOKEN&user.name=root&renewer=yarn'],
    ['GET', `/t/a?op=OPEN&delegation=${SYNTHETIC_TOKEN}`],
    ['GET', '/t/a?op=GETXATTRS&xattr.name=user.a&xattr.name=User.b&encoding=TEXT'],
    ['PUT', '/t/a?op=SETACL&aclspec=user::rwx,group:a-b:r-x,other::---,default:user:ann@BANK.EXAMPLE:rw-'],
    ['PUT', '/t/a?op=REMOVEACLENTRIES&aclspec=user:ann:,group:staff'],
    ['PUT', '/t/a?op=SETTIMES&modificationtime=1&accesstime=-1'],
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
    ['GET', '/d?op=GETQUOTAUSAGE', ['list /d/**']],
    ['GET', '/d?op=LISTSTATUS_BATCH&startafter=x', ['list /d']],
    ['GET', '/d/x?op=GETFILECHECKSUM', ['read /d/x']],
    ['GET', '/d/x?op=GET_BLOCK_LOCATIONS', ['read /d/x']],
    ['GET', '/d/x?op=LISTXATTRS', ['read /d/x']],
    [
      'POST',
      '/d/x?op=CONCAT&sources=/d/y,/e//z/',
      ['append /d/x', 'read /d/y', 'delete /d/y', 'read /e/z', 'delete /e/z'],
    ],
    ['POST', '/d/x?op=TRUNCATE&newlength=3', ['overwrite /d/x']],
    ['PUT', '/d/x?op=SETOWNER&owner=ann', ['admin /d/x']],
    ['PUT', '/d/x?op=SETACL&aclspec=user::rwx', ['acl /d/x']],
    ['PUT', '/d/x?op=SETACL&aclspec=user::rwx,default:user::rwx', ['acl /d/x/**']],
    ['PUT', '/d/x?op=REMOVEACL', ['acl /d/x/**']],
    ['PUT', '/d?op=CREATESNAPSHOT', ['snap-admin /d/**']],
    ['DELETE', '/d?op=DELETESNAPSHOT&snapshotname=s', ['snap-admin /d/**']],
    ['GET', '/d?op=GETSNAPSHOTDIFF&oldsnapshotname=s&snapshotname=', ['list /d/**', 'snap-read /d/**']],
    ['PUT', '/d?op=SETECPOLICY&ecpolicy=RS-6-3-1024k', ['admin /d/**']],
    ['GET', '/secret?op=GETSERVERDEFAULTS', []],
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

describe('what travels upstream', () => {
  const sent = (method: string, rest: string) => {
    const request = parseRequest(method, `/webhdfs/v1${rest}`)
    if ('refuse' in request) throw new Error(request.refuse)
    return [sentPath(sentTarget(request)), writeQuery(sentQuery(request))]
  }

  test('of a question about the cluster names no path, whatever the client named', () => {
    expect(sent('GET', '/secret?op=GETSTATUS')).toEqual(['/', 'op=GETSTATUS'])
  })

  test('of a list of attributes is each by its name, in one form', () => {
    expect(sent('GET', '/x?op=GETXATTRS&encoding=Text&xattr.name=USER.b&xattr.name=user.a%26op=x')).toEqual([
      '/x',
      'op=GETXATTRS&xattr.name=user.b&xattr.name=user.a%26op%3Dx&encoding=text',
    ])
  })

  test('of sources is canonical, and what was demanded', () => {
    expect(sent('POST', '/x?op=CONCAT&sources=//a//b/,/c')).toEqual(['/x', 'op=CONCAT&sources=%2Fa%2Fb%2C%2Fc'])
  })

  test('is never a delegation token of the client, not even ours', () => {
    expect(sent('GET', `/x?op=GETFILESTATUS&delegation=${SYNTHETIC_TOKEN}`)).toEqual(['/x', 'op=GETFILESTATUS'])
  })
})

describe('a parameter that is missing after all demands as much as it could have said', () => {
  const path = hdfs('/d')
  const demands = (name: string, parameters: Demanding['parameters']) =>
    findOperation(name)
      ?.demands({ path, parameters })
      .map(({ action, path: at, scope }) => `${action} ${at}${scope === 'subtree' ? '/**' : ''}`)

  test('the sources of CONCAT are then the root, and so is one that is no path', () => {
    expect(demands('CONCAT', new Map())).toEqual(['append /d', 'read /', 'delete /'])
    expect(demands('CONCAT', new Map([['sources', '/a,../b']]))).toContain('read /')
  })

  test('an ACL has default entries then', () => {
    expect(demands('SETACL', new Map())).toEqual(['acl /d/**'])
  })
})
