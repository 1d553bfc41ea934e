/** What answers lose on their way to a client, by the filter of each row; and that what cannot be read is not passed on. */
import { describe, expect, test } from 'vitest'
import { KerbsideError } from '../../../src/core/errors.ts'
import { readPage } from '../../../src/core/hdfs/answers/page.ts'
import { OPERATIONS } from '../../../src/core/hdfs/operations.ts'
import type { Demand } from '../../../src/core/policy/decision/demand.ts'
import { hdfs } from '../policy/bundle-of.ts'

const seeing = (...paths: string[]) => ({
  target: { path: hdfs('/data') },
  isVisible: (needs: readonly Demand[]) => needs.every(({ action, path }) => paths.includes(`${action} ${path}`)),
})
const cut = (name: string, answer: unknown, seen = seeing()) => {
  const filter = OPERATIONS.find((operation) => operation.name === name)?.filter
  if (filter === undefined) throw new Error(`${name} has no filter`)
  return JSON.parse(filter.cut(typeof answer === 'string' ? answer : JSON.stringify(answer), seen))
}
const FILTERED = OPERATIONS.filter(({ filter }) => filter !== undefined).map(({ name }) => name)

test.each(FILTERED)('%s: what cannot be read is not passed on', (name) => {
  for (const broken of ['', '{', 'null', '[]', '"x"', '7', '{}', '{"FileStatuses":7}']) {
    let told: unknown
    try {
      told = cut(name, broken)
    } catch (thrown) {
      expect((thrown as KerbsideError).code, `${name} ${broken}`).toBe('hdfs-broken-answer')
      continue
    }
    // HDFS leaves the list of snapshottable directories out where there is none.
    expect(told, `${name} ${broken}`).toEqual({ SnapshottableDirectoryList: [] })
  }
})

describe('block locations', () => {
  const block = (number: number) => ({
    blockToken: { urlString: `SECRET-${number}` },
    block: { blockId: number, blockPoolId: 'BP-1', generationStamp: 1001, numBytes: 7 },
    cachedLocations: [],
    isCorrupt: false,
    locations: [{ hostName: 'dn1.lab', name: '10.77.0.21:9866' }],
    startOffset: 0,
    storageTypes: ['DISK'],
    tokenOfTomorrow: 'SECRET-T',
  })
  const answer = {
    LocatedBlocks: {
      fileLength: 14,
      isLastBlockComplete: true,
      isUnderConstruction: false,
      lastLocatedBlock: block(2),
      locatedBlocks: [block(1), block(2)],
      somethingNew: { blockToken: 'SECRET-N' },
    },
  }

  test('keep where the blocks are, and nothing that opens one', () => {
    const told = cut('GET_BLOCK_LOCATIONS', answer)
    expect(JSON.stringify(told)).not.toMatch(/SECRET|oken/)
    expect(told.LocatedBlocks.locatedBlocks).toHaveLength(2)
    expect(told.LocatedBlocks.locatedBlocks[0]).toMatchObject({ block: { blockId: 1 }, storageTypes: ['DISK'] })
    expect(told.LocatedBlocks).toMatchObject({ fileLength: 14, lastLocatedBlock: { block: { blockId: 2 } } })
  })

  test('of an empty file have no last block', () => {
    const empty = { LocatedBlocks: { fileLength: 0, locatedBlocks: [], lastLocatedBlock: null } }
    expect(cut('GET_BLOCK_LOCATIONS', empty)).toEqual({ LocatedBlocks: { fileLength: 0, locatedBlocks: [] } })
  })
})

test('the defaults of HDFS lose the address of the KMS', () => {
  const answer = { FsServerDefaults: { blockSize: 134_217_728, keyProviderUri: 'kms://https@kms.bank:9600/kms' } }
  expect(cut('GETSERVERDEFAULTS', answer)).toEqual({ FsServerDefaults: { blockSize: 134_217_728, keyProviderUri: '' } })
})

describe('a symbolic link', () => {
  test.each(['GETFILESTATUS', 'GETFILELINKSTATUS'])('is for %s as if it were not there', (name) => {
    for (const status of [
      { type: 'SYMLINK', length: 0 },
      { type: 'FILE', symlink: '/weather' },
    ]) {
      expect(() => cut(name, { FileStatus: status })).toThrow(KerbsideError)
    }
    expect(cut(name, { FileStatus: { type: 'FILE', length: 3 } })).toEqual({ FileStatus: { type: 'FILE', length: 3 } })
  })

  test('is in no listing', () => {
    const rows = [
      { pathSuffix: 'a', type: 'SYMLINK', symlink: '/weather' },
      { pathSuffix: 'b', type: 'FILE' },
    ]
    const all = { target: { path: hdfs('/data') }, isVisible: () => true }
    expect(cut('LISTSTATUS', { FileStatuses: { FileStatus: rows } }, all)).toEqual({
      FileStatuses: { FileStatus: [rows[1]] },
    })
  })
})

describe('extended attributes', () => {
  test('are those of users', () => {
    const rows = [
      { name: 'user.a', value: '"1"' },
      { name: 'trusted.key', value: '"SECRET"' },
      { name: 'security.x' },
      { name: 'raw.hdfs.crypto.file.encryption.info', value: 'SECRET' },
      { name: 'superuser.b' },
    ]
    expect(cut('GETXATTRS', { XAttrs: rows })).toEqual({ XAttrs: [rows[0]] })
  })

  test('are named as HDFS names them: a list inside a text', () => {
    const names = JSON.stringify(['user.a', 'trusted.key', 'raw.x'])
    expect(cut('LISTXATTRS', { XAttrNames: names })).toEqual({ XAttrNames: '["user.a"]' })
    expect(() => cut('LISTXATTRS', { XAttrNames: '[] , "x": 1' })).not.toThrow()
    expect(() => cut('LISTXATTRS', { XAttrNames: '["user.a"' })).toThrow(KerbsideError)
  })
})

describe('directories that can have snapshots', () => {
  const row = (parentFullPath: string, pathSuffix: string) => ({ parentFullPath, dirStatus: { pathSuffix } })
  const rows = [row('/data', 'market'), row('/data', 'market-restricted'), row('/', 'team'), row('/data/../x', 'y')]

  test('are those that policy shows, with their snapshots', () => {
    const seen = seeing(
      'list /data/market',
      'snap-read /data/market',
      'list /team',
      'snap-read /data/market-restricted',
    )
    expect(cut('GETSNAPSHOTTABLEDIRECTORYLIST', { SnapshottableDirectoryList: rows }, seen)).toEqual({
      SnapshottableDirectoryList: [rows[0]],
    })
  })

  test('one whose path is none is not shown, whatever policy says', () => {
    const all = { target: { path: hdfs('/') }, isVisible: () => true }
    const broken = ['/data/../x', 'data', '/.reserved/raw', '/a/.snapshot/s'].map((parent) => row(parent, 'y'))
    const answer = { SnapshottableDirectoryList: [...broken, row('/a', '..'), row('/a', 'b/c'), 7, {}] }
    expect(cut('GETSNAPSHOTTABLEDIRECTORYLIST', answer, all)).toEqual({ SnapshottableDirectoryList: [] })
  })

  test('a root of HDFS itself is asked for as `/`', () => {
    const seen = seeing('list /', 'snap-read /')
    const answer = { SnapshottableDirectoryList: [row('', ''), row('/', '')] }
    expect(cut('GETSNAPSHOTTABLEDIRECTORYLIST', answer, seen)).toEqual(answer)
  })
})

describe('a page of a directory', () => {
  const body = (names: readonly string[], remainingEntries: number) =>
    JSON.stringify({
      DirectoryListing: {
        partialListing: { FileStatuses: { FileStatus: names.map((pathSuffix) => ({ pathSuffix, type: 'FILE' })) } },
        remainingEntries,
      },
    })
  const seen = seeing('stat /data/a')

  test('goes on after its last row, shown or not', () => {
    expect(readPage(body(['a', 'b'], 3), seen)).toEqual({
      shown: [{ pathSuffix: 'a', type: 'FILE' }],
      isCut: true,
      after: 'b',
      remaining: 3,
    })
  })

  test('that is the last, or empty, goes nowhere', () => {
    expect(readPage(body(['a'], 0), seen)).toMatchObject({ isCut: false, after: undefined })
    expect(readPage(body([], 5), seen)).toMatchObject({ shown: [], after: undefined })
  })
})
