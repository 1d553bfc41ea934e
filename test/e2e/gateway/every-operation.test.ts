/**
 * Every operation that the gateway offers is sent once to real HDFS, and answered as HDFS answers it but for what the row's
 * filter takes away. The last test holds that none was forgotten.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SYNTHETIC_TOKEN, SYNTHETIC_TOKEN_ENDS } from '../../../src/core/hadoop/synthetic-token.ts'
import { OPERATIONS } from '../../../src/core/hdfs/operations.ts'
import { ACTIONS, PRESETS } from '../../../src/core/policy/action.ts'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { type Standing, standHere } from './standing.ts'

const FOLDER = '/team/quant/every'
const SNAPSHOTTED = '/data/market'
const WIDE: Slice = {
  ...SLICE,
  grants: [
    { name: 'all', at: 'x:1', mode: 'enforce', effect: 'allow', actions: ACTIONS },
    { name: 'market', at: 'x:2', mode: 'enforce', effect: 'allow', actions: [...PRESETS.manage] },
  ],
  places: [
    { path: '/team/quant', dataset: 'home', protect: true, grants: [0] },
    { path: SNAPSHOTTED, dataset: 'market', protect: true, grants: [1] },
  ],
}

let standing: Standing
const asked = new Set<string>()

beforeAll(async () => {
  standing = await standHere(WIDE)
  await standing.direct('DELETE', `${FOLDER}?op=DELETE&recursive=true`)
  for (const name of ['a', 'b', 'c']) await ask('PUT', `/${name}?op=CREATE`, `${name} `.repeat(300))
  await ask('PUT', '/dir?op=MKDIRS')
})
afterAll(async () => {
  await standing.direct('DELETE', `${FOLDER}?op=DELETE&recursive=true`)
  await standing.stop()
})

/** Below the folder, unless the path is given whole. */
async function ask(method: string, path: string, body?: string): Promise<{ status: number; text: string }> {
  const whole = /^\/(\?|data\/)/.test(path) ? path : `${FOLDER}${path}`
  asked.add(/op=([A-Z_]+)/.exec(path)?.[1] ?? '')
  const first = await fetch(`${standing.base}${whole}`, { method, redirect: 'manual' })
  const location = first.headers.get('location')
  const last = location === null ? first : await fetch(location, { method, ...(body === undefined ? {} : { body }) })
  return { status: last.status, text: await last.text() }
}
const read = async (path: string) => JSON.parse((await ask('GET', path)).text)
const direct = async (path: string) => {
  const whole = /^\/(\?|data\/)/.test(path) ? path : `${FOLDER}${path}`
  return JSON.parse((await standing.direct('GET', whole)).body.toString())
}
/** The NameNode names DataNodes in an order that it draws anew each time. */
const inAnyOrder = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer), (_, value) =>
    Array.isArray(value) && value.every((one) => typeof one === 'string') ? value.sort() : value,
  )
const done = async (method: string, path: string, body?: string) => {
  const { status, text } = await ask(method, path, body)
  expect(`${status} ${text}`, path).toMatch(/^20[01] /)
  return text === '' ? undefined : JSON.parse(text)
}

test.each([
  '/a?op=GETFILESTATUS',
  '/a?op=GETFILELINKSTATUS',
  '?op=LISTSTATUS',
  '?op=LISTSTATUS_BATCH',
  '?op=LISTSTATUS_BATCH&startafter=a',
  '?op=GETCONTENTSUMMARY',
  '?op=GETQUOTAUSAGE',
  '/a?op=GETFILECHECKSUM',
  '/a?op=GETFILEBLOCKLOCATIONS&offset=0&length=10',
  '/a?op=GETACLSTATUS',
  '/a?op=GETSTORAGEPOLICY',
  '/?op=GETALLSTORAGEPOLICY',
  '?op=GETECPOLICY',
  '/?op=GETECPOLICIES',
  '/?op=GETECCODECS',
  '/data/market?op=GETSNAPSHOTLIST',
])('%s says what HDFS says', async (path) => {
  expect(inAnyOrder(await read(path))).toEqual(inAnyOrder(await direct(path)))
})

describe('answers that HDFS would give otherwise', () => {
  test('block locations have no block token, and every other word', async () => {
    const target = '/a?op=GET_BLOCK_LOCATIONS'
    expect(JSON.stringify(await direct(target))).toContain('urlString')
    const without = (_: string, value: unknown) =>
      typeof value === 'object' && value !== null && 'blockToken' in value ? { ...value, blockToken: undefined } : value
    const byName = (one: unknown) => JSON.stringify(one).split('').sort().join('')
    // What a DataNode has left is among the words, and may change between the two questions.
    const isAlike = async () => {
      const [ours, theirs] = [await read(target), await direct(target)]
      return byName(ours) === byName(JSON.parse(JSON.stringify(theirs, without)))
    }
    await expect.poll(isAlike, { timeout: 60_000 }).toBe(true)
  })

  test('the defaults of HDFS are told, but for the address of its KMS', async () => {
    const theirs = await direct('/?op=GETSERVERDEFAULTS')
    expect(await read('/?op=GETSERVERDEFAULTS')).toEqual({
      FsServerDefaults: { ...theirs.FsServerDefaults, keyProviderUri: '' },
    })
  })

  test('the capacity of the cluster is told', async () => {
    expect((await read('/?op=GETSTATUS')).FsStatus.capacity).toBe((await direct('/?op=GETSTATUS')).FsStatus.capacity)
  })

  test('home and trash are those of the identity', async () => {
    expect(await read('/?op=GETHOMEDIRECTORY')).toEqual({ Path: '/team/quant' })
    expect(await read('/a?op=GETTRASHROOT')).toEqual({ Path: '/team/quant/.Trash' })
  })

  test('directories with snapshots are those of the team', async () => {
    const { SnapshottableDirectoryList: rows } = await read('/?op=GETSNAPSHOTTABLEDIRECTORYLIST')
    expect(rows.map((row: { dirStatus: { pathSuffix: string } }) => row.dirStatus.pathSuffix)).toEqual(['market'])
  })

  test('a delegation token is one that HDFS refuses', async () => {
    expect(await read('/?op=GETDELEGATIONTOKEN&renewer=x')).toEqual({ Token: { urlString: SYNTHETIC_TOKEN } })
    const renewed = await done('PUT', `/?op=RENEWDELEGATIONTOKEN&token=${SYNTHETIC_TOKEN}`)
    expect(renewed).toEqual({ long: SYNTHETIC_TOKEN_ENDS })
    expect((await ask('PUT', `/?op=CANCELDELEGATIONTOKEN&token=${SYNTHETIC_TOKEN}`)).status).toBe(200)
    expect((await ask('GET', `/a?op=OPEN&delegation=${SYNTHETIC_TOKEN}`)).status).toBe(200)
    expect(await standing.refusesToken(SYNTHETIC_TOKEN)).toBe(true)
  })
})

describe('what is written is there afterwards', () => {
  test('TRUNCATE and APPEND', async () => {
    // `false` says that the last block is still being cut, and that the file is not closed until it is.
    expect(await done('POST', '/c?op=TRUNCATE&newlength=4')).toEqual({ boolean: expect.any(Boolean) })
    await expect.poll(async () => (await ask('POST', '/c?op=APPEND', 'more')).status, { timeout: 30_000 }).toBe(200)
    expect((await ask('GET', '/c?op=OPEN')).text).toBe('c c more')
  })

  test('CONCAT takes its sources in, all of them', async () => {
    for (const name of ['one', 'two', 'three']) await done('PUT', `/${name}?op=CREATE&blocksize=1048576`, name)
    const sources = ['two', 'three'].map((name) => `${FOLDER}/${name}`).join(',')
    await done('POST', `/one?op=CONCAT&sources=${encodeURIComponent(sources)}`)
    expect((await ask('GET', '/one?op=OPEN')).text).toBe('onetwothree')
    expect((await ask('GET', '/two?op=GETFILESTATUS')).status).toBe(404)
    const start = standing.audit.entries.find(({ kind, ...entry }) => {
      return kind === 'start' && 'what' in entry && entry.what.operation === 'CONCAT'
    })
    expect(start).toMatchObject({ what: { parameters: { sources } } })
  })

  test('CONCAT of a file that policy does not let go is refused, wherever it stands in the list', async () => {
    const sources = [`${FOLDER}/b`, '/data/weather/weather.csv'].join(',')
    const { status, text } = await ask('POST', `/a?op=CONCAT&sources=${encodeURIComponent(sources)}`)
    expect([status, text]).toEqual([403, expect.stringContaining('may not read /data/weather/weather.csv')])
  })

  test('replication, times, permission and owner', async () => {
    expect(await done('PUT', '/a?op=SETREPLICATION&replication=1')).toEqual({ boolean: true })
    await done('PUT', '/a?op=SETTIMES&modificationtime=1000&accesstime=-1')
    await done('PUT', '/a?op=SETPERMISSION&permission=640')
    await done('PUT', '/a?op=SETOWNER&owner=quant')
    expect((await read('/a?op=GETFILESTATUS')).FileStatus).toMatchObject({
      replication: 1,
      modificationTime: 1000,
      permission: '640',
      owner: 'quant',
    })
    expect((await ask('GET', '/a?op=CHECKACCESS&fsaction=rw-')).status).toBe(200)
  })

  test('extended attributes, of users alone', async () => {
    for (const name of ['user.one', 'user.two']) {
      await done('PUT', `/a?op=SETXATTR&xattr.name=${name}&xattr.value=%22v%22&flag=CREATE`)
    }
    const { XAttrNames } = await read('/a?op=LISTXATTRS')
    expect(JSON.parse(XAttrNames).sort()).toEqual(['user.one', 'user.two'])
    await done('PUT', '/a?op=REMOVEXATTR&xattr.name=user.two')
    expect(await read('/a?op=GETXATTRS&xattr.name=user.one&encoding=text')).toEqual({
      XAttrs: [{ name: 'user.one', value: '"v"' }],
    })
    expect(await read('/a?op=GETXATTRS&encoding=hex')).toMatchObject({ XAttrs: [{ name: 'user.one' }] })
  })

  test('ACLs', async () => {
    const entries = async () => (await read('/dir?op=GETACLSTATUS')).AclStatus.entries
    await done('PUT', '/dir?op=SETACL&aclspec=user::rwx,group::r-x,other::r-x,user:climate:r-x')
    await done('PUT', '/dir?op=MODIFYACLENTRIES&aclspec=default:user:climate:r-x')
    expect(await entries()).toEqual(expect.arrayContaining(['user:climate:r-x', 'default:user:climate:r-x']))
    await done('PUT', '/dir?op=REMOVEACLENTRIES&aclspec=user:climate:')
    expect(await entries()).not.toContain('user:climate:r-x')
    await done('PUT', '/dir?op=REMOVEDEFAULTACL')
    expect((await entries()).join()).not.toContain('default')
    await done('PUT', '/dir?op=SETACL&aclspec=user::rwx,group::r-x,other::r-x,user:climate:r-x')
    await done('PUT', '/dir?op=REMOVEACL')
    expect(await entries()).toEqual([])
  })

  test('storage policy', async () => {
    await done('PUT', '/dir?op=SETSTORAGEPOLICY&storagepolicy=COLD')
    expect((await read('/dir?op=GETSTORAGEPOLICY')).BlockStoragePolicy.name).toBe('COLD')
    await done('POST', '/dir?op=UNSETSTORAGEPOLICY')
    expect((await read('/dir?op=GETSTORAGEPOLICY')).BlockStoragePolicy.name).toBe('HOT')
  })

  test('erasure coding', async () => {
    const { ErasureCodingPolicies } = await read('/?op=GETECPOLICIES')
    const [enabled] = ErasureCodingPolicies.ErasureCodingPolicyInfo.flatMap(
      (one: { state: string; policy: { name: string } }) => (one.state === 'ENABLED' ? [one.policy.name] : []),
    )
    await done('PUT', `/dir?op=SETECPOLICY&ecpolicy=${enabled}`)
    expect(JSON.stringify(await read('/dir?op=GETECPOLICY'))).toContain(enabled)
    await done('POST', '/dir?op=UNSETECPOLICY')
    expect(JSON.stringify(await read('/dir?op=GETECPOLICY'))).not.toContain(enabled)
  })

  test('snapshots are made, renamed, compared and removed', async () => {
    await done('PUT', `${SNAPSHOTTED}?op=CREATESNAPSHOT&snapshotname=every-1`)
    await done('PUT', `${SNAPSHOTTED}?op=RENAMESNAPSHOT&oldsnapshotname=every-1&snapshotname=every-2`)
    const range = 'oldsnapshotname=loaded&snapshotname=every-2'
    const difference = await read(`${SNAPSHOTTED}?op=GETSNAPSHOTDIFF&${range}`)
    expect(difference.SnapshotDiffReport).toMatchObject({ fromSnapshot: 'loaded', toSnapshot: 'every-2' })
    const listing = `${SNAPSHOTTED}?op=GETSNAPSHOTDIFFLISTING&${range}&snapshotdiffstartpath=&snapshotdiffindex=-1`
    expect(await read(listing)).toEqual(await direct(listing))
    await done('DELETE', `${SNAPSHOTTED}?op=DELETESNAPSHOT&snapshotname=every-2`)
    expect(JSON.stringify(await read(`${SNAPSHOTTED}?op=GETSNAPSHOTLIST`))).not.toContain('every-2')
  })

  test('RENAME and DELETE', async () => {
    await done('PUT', '/moving?op=MKDIRS')
    const destination = encodeURIComponent(`${FOLDER}/moved`)
    expect(await done('PUT', `/moving?op=RENAME&destination=${destination}`)).toEqual({ boolean: true })
    expect(await done('DELETE', '/moved?op=DELETE&recursive=true')).toEqual({ boolean: true })
  })
})

describe('what the principal itself may not do is told in the words of HDFS', () => {
  test.each([
    ['PUT', '/dir?op=SETQUOTA&namespacequota=100&storagespacequota=-1'],
    ['PUT', '/dir?op=SETQUOTABYSTORAGETYPE&storagetype=SSD&storagespacequota=1048576'],
    ['PUT', '/dir?op=SATISFYSTORAGEPOLICY'],
  ])('%s %s', async (method, path) => {
    const { status, text } = await ask(method, path)
    const said = await standing.direct(method, `${FOLDER}${path}`)
    expect([status, text === '' ? '' : JSON.parse(text)]).toEqual([
      said.status,
      said.body.length === 0 ? '' : JSON.parse(said.body.toString()),
    ])
  })
})

test('no operation of the table was forgotten', () => {
  const offered = OPERATIONS.filter(({ answeredBy }) => answeredBy !== 'nobody').map(({ name }) => name)
  expect(offered.filter((name) => !asked.has(name))).toEqual([])
})
