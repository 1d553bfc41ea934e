/** A read goes on at another DataNode where one broke off: with the very bytes that are missing, of the very file, or not at all. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exception, type FakeNode, json, nameNodeOf } from './fake-hdfs.ts'
import { ask, type Setup, setUp } from './set-up.ts'
import { REVOKED } from './story.ts'

const SIZE = 3 << 20
const content = Buffer.from(Uint32Array.from({ length: SIZE / 4 }, (_, index) => index * 2_654_435_761).buffer)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

let setup: Setup
beforeEach(async () => {
  setup = await setUp({ stalledMs: 200 })
  setup.hdfs.dn.handle = serving(1_000_000)
})
afterEach(() => setup.stop())

/** A DataNode of the file that breaks off after so many bytes, then after the next number; the last holds. */
function serving(...breaks: number[]): FakeNode['handle'] {
  return (request, response, { url }) => {
    const query = new URLSearchParams(url.split('?')[1])
    const from = Number(query.get('offset') ?? 0)
    const whole = content.subarray(from, from + Number(query.get('length') ?? SIZE))
    const most = breaks.shift() ?? SIZE
    response.writeHead(200, { 'content-length': String(whole.length), connection: 'close' })
    response.write(whole.subarray(0, most), () => {
      if (most < whole.length) setTimeout(() => request.socket.destroy(), 50)
      else response.end()
    })
  }
}

/** What stands at the path, each time that it is asked; the last for good. */
function standing(...files: { fileId: number; length: number }[]): void {
  const healthy = nameNodeOf(() => setup.hdfs.dn.origin)
  setup.hdfs.nn1.handle = (request, response, seen) => {
    if (!seen.url.includes('GETFILESTATUS')) return healthy(request, response, seen)
    const [FileStatus] = files.length > 1 ? files.splice(0, 1) : files
    json(response, 200, { FileStatus })
  }
}

const open = async (range = ''): Promise<IncomingMessage> => {
  const path = `/webhdfs/v1/data/market/x?op=OPEN&step=2${range}`
  const request = httpRequest({ host: '127.0.0.1', port: setup.gateway.port, path, agent: false }).end()
  const [response] = await once(request, 'response')
  return response
}
async function all(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return Buffer.concat(chunks)
}
const ended = (line: string | RegExp) => expect.poll(() => setup.audit.lines.at(-1)).toMatch(line)
const opened = () =>
  setup.hdfs.nn1.questions
    .filter((question) => question.includes('OPEN'))
    .map((question) => decodeURIComponent(question))

/** What was asked for last: where it begins depends on how much had come through before the break, where it ends does not. */
const lastRange = (first = 0) => {
  const [, offset, length] = /offset=(\d+)&length=(\d+)/.exec(opened().at(-1) ?? '') ?? []
  return { isLater: Number(offset) > first, end: Number(offset) + Number(length) }
}

describe('a read whose DataNode breaks off', () => {
  test('goes on at a third where the second does not begin: it may be waiting for the first', async () => {
    const serves = serving(1_000_000)
    let asked = 0
    setup.hdfs.dn.handle = (request, response, seen) => {
      asked += 1
      // Its own limit for an answer is a minute.
      if (asked !== 2) serves(request, response, seen)
    }
    expect(sha256(await all(await open()))).toBe(sha256(content))
    expect(asked).toBe(3)
  })

  test('is whole, and its record says that it went on', async () => {
    expect(sha256(await all(await open()))).toBe(sha256(content))
    await ended(`end 200 read ${SIZE} resumed 1`)
    expect(lastRange()).toEqual({ isLater: true, end: SIZE })
    expect(opened().at(-1)).toContain('&excludedatanodes=')
    expect(setup.gateway.counters()).toMatchObject({ activeStreams: 0, cutStreams: 0, bytesRead: SIZE })
  })

  test('goes on as often as need be', async () => {
    setup.hdfs.dn.handle = serving(100_000, 500_000, 0, 7)
    expect(sha256(await all(await open()))).toBe(sha256(content))
    await ended(`end 200 read ${SIZE} resumed 4`)
  })

  test('keeps to the range that the client asked for', async () => {
    const read = await all(await open('&offset=4097&length=2000001'))
    expect(sha256(read)).toBe(sha256(content.subarray(4097, 4097 + 2_000_001)))
    expect(lastRange(4097)).toEqual({ isLater: true, end: 4097 + 2_000_001 })
  })

  test('beyond 4 GiB is asked for at the byte', async () => {
    const far = 5 * 2 ** 32 + 1
    setup.hdfs.dn.handle = (request, response, seen) => {
      const near = seen.url.replace(/offset=(\d+)/, (_whole, offset) => `offset=${Number(offset) - far}`)
      serving(...(near.includes('offset=0&') ? [1_000_000] : []))(request, response, { ...seen, url: near })
    }
    expect(sha256(await all(await open(`&offset=${far}`)))).toBe(sha256(content))
    expect(lastRange(far)).toEqual({ isLater: true, end: far + SIZE })
  })

  test('goes on when the DataNode keeps its connection open and sends nothing', async () => {
    const healthy = serving()
    let times = 0
    setup.hdfs.dn.handle = (request, response, seen) => {
      if (++times > 1) return healthy(request, response, seen)
      response.writeHead(200, { 'content-length': String(SIZE) }).write(content.subarray(0, 70_000))
    }
    expect(sha256(await all(await open()))).toBe(sha256(content))
    await ended(`end 200 read ${SIZE} resumed 1`)
  })

  test('goes to another when it breaks off before it answers at all', async () => {
    const healthy = serving()
    let times = 0
    setup.hdfs.dn.handle = (request, response, seen) =>
      ++times > 1 ? healthy(request, response, seen) : void request.socket.destroy()
    expect(sha256(await all(await open()))).toBe(sha256(content))
  })
})

test('a read waits for DataNodes that are all gone for a moment', async () => {
  const healthy = nameNodeOf(() => setup.hdfs.dn.origin)
  let refusals = 3
  setup.hdfs.nn1.handle = (request, response, seen) => {
    if (!seen.url.includes('offset=') || --refusals < 0) return healthy(request, response, seen)
    exception(response, 'IOException', 'No active nodes contain this block')
  }
  expect(sha256(await all(await open()))).toBe(sha256(content))
  await ended(`end 200 read ${SIZE} resumed 1`)
})

describe('a read does not go on, and shows that it is short', () => {
  test.each([
    ['when another file stands there by now', { fileId: 8, length: SIZE }],
    ['when the file has been truncated', { fileId: 7, length: SIZE - 1 }],
  ])('%s', async (_when, later) => {
    standing({ fileId: 7, length: SIZE }, later)
    await expect(all(await open())).rejects.toThrow('aborted')
    await ended(/^end 200 read \d+ cut$/)
  })

  test.each([-1, 1])('when what comes is %i bytes longer than what is missing', async (more) => {
    const first = serving(1_000_000)
    let times = 0
    setup.hdfs.dn.handle = (request, response, seen) => {
      if (++times === 1) return first(request, response, seen)
      response.writeHead(200, { 'content-length': String(SIZE - 1_000_000 + more) }).end(Buffer.alloc(SIZE))
    }
    await expect(all(await open())).rejects.toThrow('aborted')
    await ended(/^end 200 read \d+ cut$/)
  })

  test('for ever: the number of tries is bounded', async () => {
    await setup.stop()
    setup = await setUp({ resumptions: 3 })
    setup.hdfs.dn.handle = serving(10, 10, 10, 10, 10)
    await expect(all(await open())).rejects.toThrow('aborted')
    await ended(/^end 200 read \d+ resumed 3 cut$/)
  })

  test('when policy stopped it', async () => {
    setup.hdfs.dn.handle = (_request, response) => {
      response.writeHead(200, { 'content-length': String(SIZE) }).write('x')
    }
    const response = await open()
    setup.slice.set(setup.inPlace(REVOKED))
    await expect(all(response)).rejects.toThrow('aborted')
    await ended('end 200 read 1 cut')
    expect(opened()).toHaveLength(1)
  })

  test('when policy stops it while another DataNode is looked for', async () => {
    const healthy = nameNodeOf(() => setup.hdfs.dn.origin)
    setup.hdfs.nn1.handle = (request, response, seen) => {
      if (seen.url.includes('excludedatanodes')) setup.slice.set(setup.inPlace(REVOKED))
      healthy(request, response, seen)
    }
    await expect(all(await open())).rejects.toThrow('aborted')
    await ended(/^end 200 read \d+ cut$/)
  })

  test('when the client is gone', async () => {
    setup.hdfs.dn.handle = (_request, response) => {
      response.writeHead(200, { 'content-length': String(SIZE) }).write('x')
    }
    ;(await open()).destroy()
    await ended('end 200 read 1 cut')
    expect(opened()).toHaveLength(1)
  })
})

test('a delegation token that HDFS drops while a read goes on is replaced once', async () => {
  const healthy = serving(1_000_000)
  setup.hdfs.dn.handle = (request, response, seen) => {
    if (!seen.url.includes('offset=') || !seen.url.includes('TOKEN-1')) return healthy(request, response, seen)
    json(response, 403, {
      RemoteException: { exception: 'InvalidToken', javaClassName: 'x.InvalidToken', message: '' },
    })
  }
  expect(sha256(await all(await open()))).toBe(sha256(content))
  expect(setup.tokens.number).toBe(2)
})

test('an empty file is read whole', async () => {
  setup.hdfs.dn.handle = (_request, response) => {
    response.writeHead(200, { 'content-length': '0', connection: 'close' }).end()
  }
  expect(await ask(setup, 'GET', '/webhdfs/v1/data/market/x?op=OPEN&step=2')).toMatchObject({ status: 200, body: '' })
  await ended(/^end 200$/)
})
