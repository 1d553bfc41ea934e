/** What comes back from HDFS: cut down to what policy shows, followed only where it may lead, told in our own words. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KerbsideError } from '../../../src/core/errors.ts'
import { filterListing } from '../../../src/core/hdfs/listing.ts'
import { checkRedirect, type Protocol } from '../../../src/core/hdfs/redirect.ts'
import {
  readRemoteException,
  tellDenial,
  tellError,
  tellHdfs,
  tellRefusal,
} from '../../../src/core/hdfs/remote-exception.ts'
import { canonicalize, encodePath, type Target } from '../../../src/core/hdfs/target.ts'
import type { Demand } from '../../../src/core/policy/decision/demand.ts'
import { REQUEST_REASONS, type RequestReason } from '../../../src/core/reasons.ts'

const target = (raw: string): Target => {
  const made = canonicalize(raw)
  if ('refuse' in made) throw new Error(made.refuse)
  return made
}

describe('a listing', () => {
  const listing = (...names: string[]) =>
    JSON.stringify({ FileStatuses: { FileStatus: names.map((pathSuffix) => ({ pathSuffix, length: 7 })) } })
  const shown = (body: string, directory: string, isVisible: (needs: readonly Demand[]) => boolean) =>
    JSON.parse(filterListing(body, target(directory), isVisible)).FileStatuses.FileStatus.map(
      (row: { pathSuffix: string }) => row.pathSuffix,
    )
  const allows =
    (...paths: string[]) =>
    (needs: readonly Demand[]) =>
      needs.every(({ action, path }) => paths.includes(`${action} ${path}`))

  test('shows the children that policy shows, and keeps the rest of each row', () => {
    const body = listing('market', 'market-restricted', 'weather')
    const kept = filterListing(body, target('/data'), allows('stat /data/market'))
    expect(JSON.parse(kept)).toEqual({ FileStatuses: { FileStatus: [{ pathSuffix: 'market', length: 7 }] } })
  })

  test('asks for a sibling by its own name', () => {
    expect(shown(listing('sales', 'salesforce'), '/data', allows('stat /data/sales'))).toEqual(['sales'])
  })

  test('of the root asks for `/x`, not `//x`', () => {
    expect(shown(listing('data', 'tmp'), '/', allows('stat /data'))).toEqual(['data'])
  })

  test('of a file is the file itself', () => {
    expect(shown(listing(''), '/data/x', allows('stat /data/x'))).toEqual([''])
  })

  test('shows names that no request could spell, rather than losing rows of a table', () => {
    expect(shown(listing('t=10%3A00', 'a\tb'), '/d', () => true)).toEqual(['t=10%3A00', 'a\tb'])
  })

  test('of a snapshot needs `snap-read` on each live child as well', () => {
    expect(shown(listing('a', 'b'), '/d/.snapshot/s0', allows('stat /d/a', 'snap-read /d/a', 'stat /d/b'))).toEqual([
      'a',
    ])
  })

  test('of the snapshots of a directory asks for the directory', () => {
    expect(shown(listing('s0', 's1'), '/d/.snapshot', allows('stat /d', 'snap-read /d'))).toEqual(['s0', 's1'])
    expect(shown(listing('s0', 's1'), '/d/.snapshot', allows('stat /d'))).toEqual([])
  })

  test.each(['..', '.', '../weather', 'a/b', 5, null, undefined])('never shows a child called %s', (pathSuffix) => {
    expect(shown(JSON.stringify({ FileStatuses: { FileStatus: [{ pathSuffix }] } }), '/d', () => true)).toEqual([])
  })

  test.each(['', '{}', '[]', 'null', '<html>', '{"FileStatuses":{}}', '{"FileStatuses":{"FileStatus":{}}}'])(
    'that cannot be read is not passed on: %s',
    (body) => {
      expect(() => filterListing(body, target('/d'), () => true)).toThrow(
        expect.objectContaining({ code: 'hdfs-broken-answer' }),
      )
    },
  )
})

describe('a redirect', () => {
  const HOSTS = ['*.lab', 'dn7.other.example']
  const at = (location: string, path = '/data/x', protocol: Protocol = 'https:') =>
    checkRedirect(location, { target: target(path), hosts: HOSTS, protocol })

  test('to a DataNode of the cluster, for the path that was decided, is followed', () => {
    expect(at('https://dn1.lab:9865/webhdfs/v1/data/x?op=OPEN&delegation=abc&namenoderpcaddress=lab&offset=0')).toEqual(
      { protocol: 'https:', host: 'dn1.lab', port: 9865, nameNodeAddress: 'lab' },
    )
    expect(at('https://DN7.other.example/webhdfs/v1/data/x?namenoderpcaddress=nn1.lab:8020')).toEqual({
      protocol: 'https:',
      host: 'dn7.other.example',
      port: 443,
      nameNodeAddress: 'nn1.lab:8020',
    })
  })

  test.each([
    ['plain HTTP', 'http://dn1.lab:9864/webhdfs/v1/data/x?op=OPEN'],
    ['a foreign host', 'https://evil.example:9865/webhdfs/v1/data/x?op=OPEN'],
    ['a host whose name ends alike', 'https://evillab:9865/webhdfs/v1/data/x?op=OPEN'],
    ['two labels below', 'https://a.b.lab:9865/webhdfs/v1/data/x?op=OPEN'],
    ['the suffix itself', 'https://lab:9865/webhdfs/v1/data/x?op=OPEN'],
    ['user information', 'https://dn1.lab@evil.example/webhdfs/v1/data/x?op=OPEN'],
    ['user information before a good host', 'https://x:y@dn1.lab:9865/webhdfs/v1/data/x?op=OPEN'],
    ['another path', 'https://dn1.lab:9865/webhdfs/v1/data/y?op=OPEN'],
    ['another path by dots', 'https://dn1.lab:9865/webhdfs/v1/data/x/../x?op=OPEN'],
    ['no WebHDFS', 'https://dn1.lab:9865/jmx?op=OPEN'],
    ['a port that is none', 'https://dn1.lab:99999/webhdfs/v1/data/x?op=OPEN'],
    ['a fragment', 'https://dn1.lab:9865/webhdfs/v1/data/x?op=OPEN#x'],
    ['nothing', ''],
  ])('with %s is not followed', (_what, location) => {
    expect(at(location)).toHaveProperty('problem')
  })

  test('of a NameNode without TLS may lead to plain HTTP or to HTTPS, and is held to all else', () => {
    expect(at('http://dn1.lab/webhdfs/v1/data/x?op=OPEN', '/data/x', 'http:')).toMatchObject({
      protocol: 'http:',
      port: 80,
    })
    expect(at('https://dn1.lab/webhdfs/v1/data/x?op=OPEN', '/data/x', 'http:')).toMatchObject({
      protocol: 'https:',
      port: 443,
    })
    expect(at('http://evil.example:9864/webhdfs/v1/data/x?op=OPEN', '/data/x', 'http:')).toHaveProperty('problem')
    expect(at('http://dn1.lab:9864/webhdfs/v1/data/y?op=OPEN', '/data/x', 'http:')).toHaveProperty('problem')
    expect(at('ftp://dn1.lab:9864/webhdfs/v1/data/x?op=OPEN', '/data/x', 'http:')).toHaveProperty('problem')
  })

  test('gives no NameNode address that is more than a name and a port', () => {
    expect(at('https://dn1.lab:9865/webhdfs/v1/data/x?namenoderpcaddress=a%26b')).toHaveProperty(
      'nameNodeAddress',
      undefined,
    )
  })

  test('is understood in whatever way Java encodes the path', () => {
    const latin1 = 'https://dn1.lab:9865/webhdfs/v1/data/caf\u00c3\u00a9;b?op=OPEN'
    expect(at(latin1, '/data/caf%C3%A9%3Bb')).not.toHaveProperty('problem')
  })

  test('with a path that Java composed is the same path, and one with another letter is not', () => {
    const composed = 'https://dn1.lab:9865/webhdfs/v1/data/%C3%A9?op=OPEN'
    expect(at(composed, '/data/e%CC%81')).not.toHaveProperty('problem')
    expect(at(composed, '/data/e')).toHaveProperty('problem')
  })

  test('to the encoded path is always followed', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 5 }), (names) => {
        const made = canonicalize(`/${names.map(encodeURIComponent).join('/')}`)
        fc.pre(!('refuse' in made))
        const location = `https://dn1.lab:9865/webhdfs/v1${encodePath(made)}?op=OPEN`
        expect(checkRedirect(location, { target: made, hosts: HOSTS, protocol: 'https:' })).not.toHaveProperty(
          'problem',
        )
      }),
    )
  })
})

describe('a "no" is told', () => {
  const message = (body: string) => JSON.parse(body).RemoteException

  test('as a sentence with identity, action, path and reason', () => {
    const { path } = target('/data/weather/x.csv')
    const told = tellDenial('quant-research', {
      effect: 'deny',
      reason: 'no-dataset',
      grants: [],
      demand: { action: 'read', path, scope: 'this' },
    })
    expect(told.status).toBe(403)
    expect(message(told.body)).toEqual({
      exception: 'AccessControlException',
      javaClassName: 'org.apache.hadoop.security.AccessControlException',
      message:
        'quant-research may not read /data/weather/x.csv: the path is in no dataset that this team was granted (no-dataset)',
    })
  })

  test('with "and all below it" where a subtree was meant', () => {
    const { path } = target('/data')
    const demand = { action: 'delete', path, scope: 'subtree' } as const
    const told = tellDenial('q', { effect: 'deny', reason: 'nested-dataset', grants: [], demand })
    expect(message(told.body).message).toContain('may not delete /data and all below it: ')
  })

  test.each(Object.keys(REQUEST_REASONS) as RequestReason[])('never as 401 or as a success: %s', (reason) => {
    const told = tellRefusal('OPEN', reason)
    expect([400, 403, 404]).toContain(told.status)
    expect(message(told.body).message).toBe(`OPEN refused: ${REQUEST_REASONS[reason]} (${reason})`)
  })

  test('without the text of a client that is no operation', () => {
    expect(tellRefusal('<script>', 'unknown-operation').body).not.toContain('script')
  })

  test('without what the error knows of hosts and files', () => {
    const error = new KerbsideError('hdfs-unreachable', 'connect ECONNREFUSED nn1.lab:9871', { cause: new Error('x') })
    expect(tellError(error)).toEqual({
      status: 503,
      body: JSON.stringify({
        RemoteException: {
          exception: 'RetriableException',
          javaClassName: 'org.apache.hadoop.ipc.RetriableException',
          message: 'no NameNode answers (hdfs-unreachable)',
        },
      }),
    })
  })

  test('in the words of HDFS, without what must be hidden', () => {
    const said = { exception: 'IOException', javaClassName: 'java.io.IOException', message: 'token SECRET expired' }
    const told = tellHdfs(403, said, (text) => text.replaceAll('SECRET', '…'))
    expect(message(told.body)).toEqual({ ...said, message: 'token … expired' })
  })

  test.each(['', 'null', '[]', '<html>', '{"RemoteException":null}', '{"RemoteException":{"message":"x"}}'])(
    'only by HDFS when it is a RemoteException: %s',
    (body) => expect(readRemoteException(body)).toBeUndefined(),
  )
})
