/** What the gateway does when HDFS, the network or the client fails in the middle. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exception, json, newAuthority } from './fake-hdfs.ts'
import { ask, inTwoSteps, messageOf, type Setup, setUp } from './set-up.ts'

let setup: Setup
beforeEach(async () => {
  setup = await setUp()
})
afterEach(() => setup.stop())

/** For who must be found in the end: on a busy machine an attempt takes longer than the search may in other tests. */
async function searchLonger(): Promise<void> {
  await setup.stop()
  setup = await setUp({ failoverMs: 20_000 })
}

const stat = () => ask(setup, 'GET', '/webhdfs/v1/data/market/x?op=GETFILESTATUS')
const open = () => inTwoSteps(setup, 'GET', '/webhdfs/v1/data/market/x?op=OPEN')

describe('the active NameNode is found', () => {
  test('when the first one says that it is on standby, and is remembered', async () => {
    setup.hdfs.nn1.handle = (_request, response) => exception(response, 'StandbyException')
    for (let times = 0; times < 3; times++) expect((await stat()).status).toBe(200)
    expect(setup.hdfs.nn1.seen).toHaveLength(1)
    expect(setup.hdfs.nn2.seen).toHaveLength(3)
  })

  test('even for a rename: the one on standby did nothing', async () => {
    setup.hdfs.nn1.handle = (_request, response) => exception(response, 'StandbyException')
    const answer = await ask(setup, 'PUT', '/webhdfs/v1/team/quant/a?op=RENAME&destination=/team/quant/b')
    expect(answer.status).toBe(200)
    expect(setup.hdfs.nn2.seen).toHaveLength(1)
  })

  test('when the first one is down', async () => {
    await setup.hdfs.nn1.stop().finally(() => {
      setup.hdfs.nn1.stop = async () => {}
    })
    expect((await stat()).status).toBe(200)
  })

  test('when it becomes active only later', async () => {
    await searchLonger()
    const healthy = setup.hdfs.nn2.handle
    const standby: typeof healthy = (_request, response) => exception(response, 'StandbyException')
    setup.hdfs.nn1.handle = standby
    setup.hdfs.nn2.handle = (request, response, seen) =>
      (setup.hdfs.nn2.seen.length < 3 ? standby : healthy)(request, response, seen)
    expect((await stat()).status).toBe(200)
  })

  test('or the search ends: two on standby stay so until somebody acts', async () => {
    for (const node of [setup.hdfs.nn1, setup.hdfs.nn2]) {
      node.handle = (_request, response) => exception(response, 'StandbyException')
    }
    const answer = await stat()
    expect([answer.status, messageOf(answer)]).toEqual([503, 'no NameNode is active (hdfs-no-active)'])
  })

  test('and one that is starting is waited for, and its partner not bothered', async () => {
    await searchLonger()
    const healthy = setup.hdfs.nn1.handle
    setup.hdfs.nn1.handle = (request, response, seen) =>
      setup.hdfs.nn1.seen.length < 3
        ? exception(response, 'RetriableException', 'NameNode still not started')
        : healthy(request, response, seen)
    expect((await stat()).status).toBe(200)
    expect(setup.hdfs.nn2.seen).toHaveLength(0)
  })
})

describe('a NameNode that did nothing, and says so', () => {
  const rename = () => ask(setup, 'PUT', '/webhdfs/v1/team/quant/a?op=RENAME&destination=/team/quant/b')

  // An observer that has not heard of a block yet (`FSNamesystem.getBlockLocations`), at a moment that no test can choose.
  test('because it only watches: the active one is asked', async () => {
    setup.hdfs.nn1.handle = (_request, response) => exception(response, 'ObserverRetryOnActiveException')
    expect(await open()).toMatchObject({ status: 200, body: 'bytes' })
    expect(setup.hdfs.nn2.seen.length).toBeGreaterThan(0)
  })

  // `dfs.webhdfs.use.ipc.callq` with a queue that is full.
  test.each(['RetriableException', 'ServerTooBusyException'])(
    '%s: is asked again later, and what it does is done once',
    async (name) => {
      await searchLonger()
      const healthy = setup.hdfs.nn1.handle
      let done = 0
      setup.hdfs.nn1.handle = (request, response, seen) => {
        if (setup.hdfs.nn1.seen.length < 4) return exception(response, name, 'Server too busy', 503)
        done += 1
        healthy(request, response, seen)
      }
      expect((await rename()).status).toBe(200)
      expect([done, setup.hdfs.nn2.seen.length]).toEqual([1, 0])
    },
  )

  test('for ever, is not asked for ever', async () => {
    setup.hdfs.nn1.handle = (_request, response) => exception(response, 'ServerTooBusyException')
    const answer = await rename()
    expect([answer.status, messageOf(answer)]).toEqual([503, 'no NameNode answers (hdfs-unreachable)'])
    expect(setup.hdfs.nn1.seen.length).toBeLessThan(100)
  })

  // An administrator's safe mode ends when he says so: the client hears of it at once.
  test('because of an administrator is not asked again', async () => {
    setup.hdfs.nn1.handle = (_request, response) =>
      exception(response, 'SafeModeException', 'Name node is in safe mode.')
    const answer = await rename()
    expect([answer.status, messageOf(answer)]).toEqual([403, 'Name node is in safe mode.'])
    expect(setup.hdfs.nn1.seen).toHaveLength(1)
  })
})

describe('an operation that may have happened', () => {
  const breakOff = () => {
    for (const node of [setup.hdfs.nn1, setup.hdfs.nn2]) node.handle = (request) => void request.socket.destroy()
  }

  test.each([
    ['PUT', '/team/quant/a?op=RENAME&destination=/team/quant/b'],
    ['DELETE', '/team/quant/a?op=DELETE'],
  ])('is never sent twice: %s %s', async (method, path) => {
    breakOff()
    const answer = await ask(setup, method, `/webhdfs/v1${path}`)
    expect([answer.status, messageOf(answer)]).toEqual([
      500,
      expect.stringContaining('whether it was done is not known'),
    ])
    expect(setup.hdfs.nn1.seen.length + setup.hdfs.nn2.seen.length).toBe(1)
  })

  test('is sent again when that does no harm, but not for ever', async () => {
    breakOff()
    expect((await stat()).status).toBe(503)
    expect(setup.hdfs.nn1.seen.length).toBeGreaterThan(1)
  })
})

describe('a delegation token that HDFS no longer takes', () => {
  const message =
    'Failed to obtain user group information: org.apache.hadoop.security.token.SecretManager$InvalidToken: token (owner=quant) is expired'

  test('is replaced once, and the operation done with the new one', async () => {
    const healthy = setup.hdfs.nn1.handle
    setup.hdfs.nn1.handle = (request, response, seen) =>
      seen.url.includes('TOKEN-1')
        ? exception(response, 'SecurityException', message)
        : healthy(request, response, seen)
    expect((await stat()).status).toBe(200)
    expect(setup.hdfs.nn1.seen.map(({ url }) => /TOKEN-\d/.exec(url)?.[0])).toEqual(['TOKEN-1', 'TOKEN-2'])
  })

  test('is replaced once only, and the client learns nothing of it', async () => {
    for (const node of [setup.hdfs.nn1, setup.hdfs.nn2]) {
      node.handle = (_request, response) => exception(response, 'InvalidToken', message)
    }
    const answer = await stat()
    expect([answer.status, messageOf(answer)]).toEqual([
      503,
      'HDFS did not accept the delegation token (hdfs-refused-us)',
    ])
    expect(setup.tokens.number).toBe(2)
  })

  test('is replaced before the body of an append is spent, also when it is lost between the two steps', async () => {
    const healthy = setup.hdfs.nn1.handle
    let isLost = false
    setup.hdfs.nn1.handle = (request, response, seen) =>
      isLost && seen.url.includes('TOKEN-1')
        ? exception(response, 'InvalidToken', message)
        : healthy(request, response, seen)
    const first = await ask(setup, 'POST', '/webhdfs/v1/team/quant/a?op=APPEND')
    isLost = true
    const { pathname, search } = new URL(first.headers.location ?? 'http://no-location')
    expect((await ask(setup, 'POST', pathname + search, { body: 'hello' })).status).toBe(200)
    expect(setup.hdfs.dn.seen.map(({ url, body }) => [/TOKEN-\d/.exec(url)?.[0], body])).toEqual([['TOKEN-2', 'hello']])
  })

  test('is replaced when it is the DataNode that says so', async () => {
    const healthy = setup.hdfs.dn.handle
    setup.hdfs.dn.handle = (request, response, seen) =>
      seen.url.includes('TOKEN-1')
        ? exception(response, 'SecurityException', message)
        : healthy(request, response, seen)
    expect(await open()).toMatchObject({ status: 200, body: 'bytes' })
  })
})

describe('a redirect of the NameNode', () => {
  test.each([200, 302, 303])('with status %d is none', async (status) => {
    const location = `${setup.hdfs.dn.origin}/webhdfs/v1/data/market/x?op=OPEN`
    setup.hdfs.nn1.handle = (_request, response) => void response.writeHead(status, { location }).end()
    expect((await open()).status).toBe(500)
    expect(setup.hdfs.dn.seen).toHaveLength(0)
  })

  const path = '/webhdfs/v1/data/market/x'
  test.each([
    ['to a foreign host', 'https://127.0.0.1:1/webhdfs/v1/data/market/x?op=OPEN'],
    ['to plain HTTP', `http://localhost:1${path}?op=OPEN`],
    ['for another path', 'https://localhost:1/webhdfs/v1/data/weather/x?op=OPEN'],
    ['to another resource', 'https://localhost:1/jmx?op=OPEN'],
    ['to nowhere', ''],
  ])('%s is not followed, and nobody is told the delegation token', async (_what, location) => {
    setup.hdfs.nn1.handle = (_request, response) => void response.writeHead(307, { location }).end()
    const answer = await open()
    expect([answer.status, messageOf(answer)]).toEqual([500, expect.stringContaining('(hdfs-broken-answer)')])
    expect(setup.hdfs.dn.seen).toHaveLength(0)
    expect(setup.audit.lines).toEqual([`start OPEN /data/market/x allow granted`, 'end 500'])
  })
})

test('a "no" of HDFS is told in its own words, without the delegation token', async () => {
  setup.hdfs.nn1.handle = (_request, response) =>
    exception(
      response,
      'AccessControlException',
      'Permission denied: user=quant https://x/?delegation=DELEGATION-TOKEN-1&a DELEGATION-TOKEN-1',
    )
  const answer = await stat()
  expect(answer.status).toBe(403)
  expect(messageOf(answer)).toBe('Permission denied: user=quant https://x/?delegation=…&a …')
})

test.each([
  ['an HTML page', 200, 'text/html', '<html>'],
  ['an error page', 502, 'text/html', '<html>'],
  ['a redirect of an operation that has none', 307, 'text/plain', ''],
])('%s is no answer of HDFS', async (_what, status, type, body) => {
  setup.hdfs.nn1.handle = (_request, response) => void response.writeHead(status, { 'content-type': type }).end(body)
  const answer = await stat()
  expect([answer.status, messageOf(answer)]).toEqual([500, expect.stringContaining('(hdfs-broken-answer)')])
})

test('a listing that cannot be read is not passed on', async () => {
  setup.hdfs.nn1.handle = (_request, response) => json(response, 200, { FileStatuses: 'market-restricted' })
  const answer = await ask(setup, 'GET', '/webhdfs/v1/data/market?op=LISTSTATUS')
  expect(answer.status).toBe(500)
  expect(answer.body).not.toContain('restricted')
})

describe('a certificate that does not hold', () => {
  afterEach(() => expect(setup.hdfs.nn1.seen).toHaveLength(0))

  test('because another CA signed it: nothing is sent', async () => {
    await setup.stop()
    setup = await setUp({}, (await newAuthority()).certificatePem)
    const answer = await stat()
    expect([answer.status, messageOf(answer)]).toEqual([503, expect.stringContaining('(hdfs-untrusted)')])
  })

  test('because it names another host: nothing is sent', async () => {
    const slice = setup.slice.sent
    const nameNodes = slice.cluster.nameNodes.map((origin) => origin.replace('localhost', '127.0.0.1'))
    setup.slice.set({ ...slice, cluster: { ...slice.cluster, nameNodes } })
    expect(messageOf(await stat())).toContain('(hdfs-untrusted)')
  })
})
