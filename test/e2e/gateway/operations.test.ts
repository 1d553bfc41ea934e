/** Every operation that the gateway offers, against real HDFS, and what HDFS itself says of the same path. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Standing, standHere } from './standing.ts'

let standing: Standing
beforeAll(async () => {
  standing = await standHere()
})
afterAll(() => standing.stop())
beforeEach(async () => {
  await standing.direct('DELETE', '/team/quant/e2e?op=DELETE&recursive=true')
  standing.audit.entries.length = 0
})

const url = (path: string) => `${standing.base}${path}`
const send = async (method: string, path: string, body?: string | Buffer) => {
  const first = await fetch(url(path), { method, redirect: 'manual' })
  const location = first.headers.get('location')
  const last = location === null ? first : await fetch(location, { method, ...(body === undefined ? {} : { body }) })
  return { status: last.status, text: await last.text(), headers: last.headers }
}
const get = async (path: string) => JSON.parse((await send('GET', path)).text)
const denial = async (method: string, path: string) => {
  const { status, text } = await send(method, path)
  return [status, JSON.parse(text).RemoteException.message]
}
const names = async (path: string) =>
  (await get(`${path}?op=LISTSTATUS`)).FileStatuses.FileStatus.map((row: { pathSuffix: string }) => row.pathSuffix)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe('what is read', () => {
  test('GETFILESTATUS says what HDFS says', async () => {
    const path = '/data/market/stocks.csv?op=GETFILESTATUS'
    expect(await get(path)).toEqual(JSON.parse((await standing.direct('GET', path)).body.toString()))
  })

  test('LISTSTATUS of the root and of an ancestor shows only what leads to a grant', async () => {
    expect(await names('/')).toEqual(['data', 'team'])
    expect(await names('/data')).toEqual(['market'])
    const direct = JSON.parse((await standing.direct('GET', '/data?op=LISTSTATUS')).body.toString())
    expect(direct.FileStatuses.FileStatus.map((row: { pathSuffix: string }) => row.pathSuffix)).toEqual([
      'market',
      'market-restricted',
      'weather',
    ])
  })

  test('LISTSTATUS of a dataset keeps every row as HDFS gave it', async () => {
    const path = '/data/market?op=LISTSTATUS'
    expect(await get(path)).toEqual(JSON.parse((await standing.direct('GET', path)).body.toString()))
  })

  test('OPEN gives a Parquet file byte for byte, with its length', async () => {
    const path = '/data/market/flights-3m.parquet?op=OPEN'
    const response = await fetch(url(path))
    const bytes = Buffer.from(await response.arrayBuffer())
    const { body } = await standing.direct('GET', path)
    expect(response.headers.get('content-length')).toBe(String(body.length))
    expect(sha256(bytes)).toBe(sha256(body))
    expect(standing.audit.lines).toEqual([
      'start OPEN /data/market/flights-3m.parquet allow granted',
      `end 200 read ${body.length}`,
    ])
  })

  test('OPEN gives a part, and nothing beyond the end', async () => {
    const whole = (await standing.direct('GET', '/data/market/stocks.csv?op=OPEN')).body.toString()
    expect((await send('GET', '/data/market/stocks.csv?op=OPEN&offset=7&length=20')).text).toBe(whole.slice(7, 27))
    expect((await send('GET', '/data/market/stocks.csv?op=OPEN&length=0')).text).toBe('')
    const beyond = await send('GET', '/data/market/stocks.csv?op=OPEN&offset=999999999')
    expect(beyond.status).toBe(403)
    expect(beyond.text).toContain('out of the range')
  })

  test('GETCONTENTSUMMARY counts a granted dataset, and refuses what is above it', async () => {
    const { ContentSummary } = await get('/data/market?op=GETCONTENTSUMMARY')
    expect(ContentSummary.fileCount).toBeGreaterThan(0)
    expect(await denial('GET', '/data?op=GETCONTENTSUMMARY')).toEqual([
      403,
      'quant-research may not list /data and all below it: the path is in no dataset that this team was granted (no-dataset)',
    ])
  })

  test('CHECKACCESS asks policy first, then HDFS', async () => {
    expect((await send('GET', '/data/market/stocks.csv?op=CHECKACCESS&fsaction=r--')).status).toBe(200)
    expect((await denial('GET', '/data/market/stocks.csv?op=CHECKACCESS&fsaction=-w-'))[1]).toContain('(no-grant)')
  })

  test('GETHOMEDIRECTORY is the home of the identity', async () => {
    expect(await get('/?op=GETHOMEDIRECTORY')).toEqual({ Path: '/team/quant' })
  })

  test('a file that is not there is told as HDFS tells it', async () => {
    const answer = await send('GET', '/data/market/nothing?op=OPEN')
    expect(answer.status).toBe(404)
    expect(JSON.parse(answer.text).RemoteException.exception).toBe('FileNotFoundException')
  })
})

describe('what is written', () => {
  test('MKDIRS, CREATE, APPEND, RENAME, DELETE do what they say', async () => {
    expect((await send('PUT', '/team/quant/e2e/a?op=MKDIRS&permission=0750')).text).toBe('{"boolean":true}')
    expect(await send('PUT', '/team/quant/e2e/a/x?op=CREATE', 'one')).toMatchObject({ status: 201, text: '' })
    expect(await send('POST', '/team/quant/e2e/a/x?op=APPEND', ' two')).toMatchObject({ status: 200, text: '' })
    expect((await standing.direct('GET', '/team/quant/e2e/a/x?op=OPEN')).body.toString()).toBe('one two')
    const renamed = await send('PUT', '/team/quant/e2e/a/x?op=RENAME&destination=%2Fteam%2Fquant%2Fe2e%2Fb')
    expect(renamed.text).toBe('{"boolean":true}')
    expect((await send('DELETE', '/team/quant/e2e/a?op=DELETE')).text).toBe('{"boolean":true}')
    expect(await names('/team/quant/e2e')).toEqual(['b'])
    expect((await send('DELETE', '/team/quant/e2e?op=DELETE&recursive=true')).text).toBe('{"boolean":true}')
    expect((await send('DELETE', '/team/quant/e2e?op=DELETE&recursive=true')).text).toBe('{"boolean":false}')
    expect(standing.audit.lines).toContain('end 201 wrote 3 complete')
  })

  test('CREATE keeps a file that is there, unless it is told to overwrite it', async () => {
    expect((await send('PUT', '/team/quant/e2e/x?op=CREATE', 'one')).status).toBe(201)
    const second = await send('PUT', '/team/quant/e2e/x?op=CREATE', 'two')
    expect([second.status, JSON.parse(second.text).RemoteException.exception]).toEqual([
      403,
      'FileAlreadyExistsException',
    ])
    expect((await send('GET', '/team/quant/e2e/x?op=OPEN')).text).toBe('one')
    expect((await send('PUT', '/team/quant/e2e/x?op=CREATE&overwrite=True', 'two')).status).toBe(201)
    expect((await send('GET', '/team/quant/e2e/x?op=OPEN')).text).toBe('two')
  })

  test('CREATE without `mkdir` makes no directory: HDFS is told so and holds to it', async () => {
    await standing.direct('PUT', '/team/quant/drop?op=MKDIRS')
    const inside = await send('PUT', `/team/quant/drop/${Date.now()}?op=CREATE`, 'x')
    expect(inside.status).toBe(201)
    const deeper = await send('PUT', '/team/quant/drop/new/x?op=CREATE', 'x')
    expect([deeper.status, JSON.parse(deeper.text).RemoteException.exception]).toEqual([404, 'FileNotFoundException'])
    await standing.direct('DELETE', '/team/quant/drop?op=DELETE&recursive=true')
  })

  test('a large file arrives whole', async () => {
    const bytes = Buffer.alloc(20_000_000, 'kerbside')
    expect((await send('PUT', '/team/quant/e2e/large?op=CREATE', bytes)).status).toBe(201)
    expect(sha256((await standing.direct('GET', '/team/quant/e2e/large?op=OPEN')).body)).toBe(sha256(bytes))
  })

  test.each(['e\u0301', '\u00e9', 'a;b', 'a+b', 'a b', "'", '50%', '\\', '(x)*[y]{z}', '\u65e5\u672c', 'a,b', '#?&='])(
    'a name like %s is one and the same to client, policy and HDFS',
    async (name) => {
      const path = `/team/quant/e2e/${encodeURIComponent(name)}`
      expect((await send('PUT', `${path}?op=CREATE`, name)).status).toBe(201)
      expect((await send('GET', `${path}?op=OPEN`)).text).toBe(name)
      expect(await names('/team/quant/e2e')).toEqual([name])
    },
  )
})

describe('what is refused', () => {
  test('a dataset of another team, with a sentence that says why', async () => {
    expect(await denial('GET', '/data/weather/weather.csv?op=OPEN')).toEqual([
      403,
      'quant-research may not read /data/weather/weather.csv: the path is in no dataset that this team was granted (no-dataset)',
    ])
  })

  test('a sibling whose name begins alike, though HDFS would give it', async () => {
    expect((await standing.direct('GET', '/data/market-restricted/ohlc.json?op=OPEN')).status).toBe(200)
    expect((await denial('GET', '/data/market-restricted/ohlc.json?op=OPEN'))[1]).toContain('(no-dataset)')
    expect((await denial('GET', '/data/market-restricted?op=LISTSTATUS'))[1]).toContain('(no-dataset)')
  })

  test('a rename out of a dataset, into one, and onto its root', async () => {
    await send('PUT', '/team/quant/e2e/x?op=CREATE', 'x')
    const rename = (from: string, to: string) =>
      denial('PUT', `${from}?op=RENAME&destination=${encodeURIComponent(to)}`)
    expect(await rename('/data/market/stocks.csv', '/team/quant/e2e/s')).toEqual([
      403,
      expect.stringContaining('may not delete'),
    ])
    expect(await rename('/data/weather/weather.csv', '/team/quant/e2e/w')).toEqual([
      403,
      expect.stringContaining('(no-dataset)'),
    ])
    expect(await rename('/team/quant/e2e/x', '/data/market/x')).toEqual([
      403,
      expect.stringContaining('may not create /data/market/x'),
    ])
    expect(await rename('/team/quant', '/team/quant2')).toEqual([403, expect.stringContaining('(protected-root)')])
    expect(await rename('/team/quant/e2e/x', '/team/quant/../../data/x')).toEqual([
      400,
      expect.stringContaining('(dot-segment)'),
    ])
    expect(await names('/team/quant/e2e')).toEqual(['x'])
  })

  test('another name for a file: reserved, by inode, by snapshot', async () => {
    const { FileStatus } = JSON.parse(
      (await standing.direct('GET', '/data/weather/weather.csv?op=GETFILESTATUS')).body.toString(),
    )
    const inode = `/.reserved/.inodes/${FileStatus.fileId}`
    expect((await standing.direct('GET', `${inode}?op=OPEN`)).status).toBe(200)
    expect((await denial('GET', `${inode}?op=OPEN`))[1]).toContain('(reserved-path)')
    expect((await denial('GET', '/.reserved/raw/data/weather/weather.csv?op=OPEN'))[1]).toContain('(reserved-path)')
    expect((await denial('GET', '/team/quant/.snapshot/s/x?op=OPEN'))[1]).toContain('may not snap-read')
  })

  test('who asks cannot be chosen', async () => {
    expect((await denial('GET', '/data/weather?op=LISTSTATUS&doas=climate'))[1]).toContain('(identity-parameter)')
    expect((await denial('GET', '/data/weather?op=LISTSTATUS&user.name=climate'))[1]).toContain('(no-dataset)')
    const delegated = `/data/market?op=LISTSTATUS&delegation=${standing.delegationToken}`
    expect((await denial('GET', delegated))[1]).toContain('(identity-parameter)')
  })

  test('an operation that is not offered, by name', async () => {
    expect(await denial('GET', '/?op=GETTRASHROOTS')).toEqual([
      400,
      'GETTRASHROOTS refused: the operation is not offered through the gateway (unsupported-operation)',
    ])
  })
})

test('a snapshot is read with `snap-read`, and listed, as the live path is', async () => {
  const live = await send('GET', '/data/market/stocks.csv?op=OPEN')
  const frozen = await send('GET', '/data/market/.snapshot/loaded/stocks.csv?op=OPEN')
  expect(frozen).toMatchObject({ status: 200, text: live.text })
  expect(await names('/data/market/.snapshot')).toEqual(['loaded'])
  expect(await names('/data/market/.snapshot/loaded')).toContain('stocks.csv')
  expect(standing.audit.lines).toContain('start OPEN /data/market/.snapshot/loaded/stocks.csv allow granted')
})

test('nothing of the delegation token, and no cookie, is in any answer', async () => {
  const asked = [
    ['GET', '/data/market?op=LISTSTATUS'],
    ['GET', '/data/market/stocks.csv?op=OPEN'],
    ['GET', '/data/market/nothing?op=OPEN'],
    ['PUT', '/team/quant/e2e/x?op=CREATE'],
    ['PUT', '/team/quant/e2e/x?op=CREATE&noredirect=true'],
    ['POST', '/team/quant/e2e/x?op=APPEND'],
    ['POST', '/team/quant/e2e/nothing?op=APPEND'],
  ] as const
  for (const [method, path] of asked) {
    for (const redirect of ['manual', 'follow'] as const) {
      const response = await fetch(url(path), { method, redirect })
      const all = JSON.stringify([...response.headers]) + (await response.text())
      expect(all).not.toContain(standing.delegationToken)
      expect(all).not.toMatch(
        /delegation|set-cookie|hadoop\.auth|www-authenticate|access-control|dn\d\.lab|nn\d\.lab|hdfs:/i,
      )
    }
  }
  expect(JSON.stringify(standing.audit.entries) + standing.warnings.join()).not.toContain(standing.delegationToken)
})
