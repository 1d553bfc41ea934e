/** An upload that breaks must not leave a file that looks whole, and must never cost somebody else's file. */
import { once } from 'node:events'
import { type ClientRequest, request as httpRequest } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exception, json, nameNodeOf } from './fake-hdfs.ts'
import { ask, inTwoSteps, messageOf, type Setup, setUp } from './set-up.ts'
import { REVOKED } from './story.ts'

let setup: Setup
beforeEach(async () => {
  setup = await setUp()
})
afterEach(() => setup.stop())

/** A busy machine takes its time. */
const SOON = { timeout: 60_000 }
const ended = (line: string) => expect.poll(() => setup.audit.lines.at(-1), SOON).toBe(line)
const deletions = () => setup.hdfs.nn1.questions.filter((question) => question.startsWith('DELETE'))
const CREATE = '/webhdfs/v1/team/quant/a?op=CREATE&step=2'

/** Begins step two and sends the first bytes; the rest is the test's. */
async function begin(path = CREATE, method = 'PUT'): Promise<{ request: ClientRequest; status: Promise<number> }> {
  const headers = { 'transfer-encoding': 'chunked' }
  const request = httpRequest({ host: '127.0.0.1', port: setup.gateway.port, method, path, headers, agent: false })
  request.on('error', () => {})
  const status = once(request, 'response').then(([response]) => response.statusCode)
  status.catch(() => {})
  request.write('first')
  await expect.poll(() => setup.hdfs.dn.seen[0]?.body, SOON).toBe('first')
  return { request, status }
}

describe('the client breaks off', () => {
  test('a file that was created short is removed, when the DataNode has said that it is ours', async () => {
    ;(await begin()).request.destroy()
    await ended('end 0 wrote 5 cut removed')
    expect(deletions()).toEqual(['DELETE /webhdfs/v1/team/quant/a?op=DELETE&recursive=false'])
  })

  test('a file that stood there before is not removed: the DataNode refused to create it', async () => {
    setup.hdfs.dn.handle = (request, response) => {
      response.writeContinue()
      request.on('end', () => exception(response, 'FileAlreadyExistsException', '/team/quant/a already exists'))
    }
    ;(await begin()).request.destroy()
    await ended('end 0 wrote 5 cut')
    expect(deletions()).toEqual([])
  })

  test('what was appended stays, and the record says so', async () => {
    ;(await begin('/webhdfs/v1/team/quant/a?op=APPEND&step=2', 'POST')).request.destroy()
    await ended('end 0 wrote 5 cut left')
    expect(deletions()).toEqual([])
  })

  test('a removal that HDFS refuses is recorded', async () => {
    const healthy = setup.hdfs.nn1.handle
    setup.hdfs.nn1.handle = (request, response, seen) =>
      seen.method === 'DELETE' ? exception(response, 'AccessControlException') : healthy(request, response, seen)
    ;(await begin()).request.destroy()
    await ended('end 0 wrote 5 cut left')
  })

  test('a DataNode that gives no verdict is not waited for without end', async () => {
    setup.hdfs.dn.handle = (_request, response) => response.writeContinue()
    ;(await begin()).request.destroy()
    await ended('end 0 wrote 5 cut left')
  })
})

describe('the DataNode breaks off', () => {
  /** What stands at the path before the upload, and after it; nothing where undefined. */
  const inodes = (...numbers: (number | undefined)[]) => {
    const healthy = nameNodeOf(() => setup.hdfs.dn.origin)
    setup.hdfs.nn1.handle = (request, response, seen) => {
      if (!seen.url.includes('GETFILESTATUS')) return healthy(request, response, seen)
      const fileId = numbers.shift()
      if (fileId === undefined) return exception(response, 'FileNotFoundException', '', 404)
      json(response, 200, { FileStatus: { fileId, length: 5 } })
    }
    setup.hdfs.dn.handle = (request, response) => {
      response.writeContinue()
      request.once('data', () => setTimeout(() => request.socket.destroy(), 20))
    }
  }

  test.each([
    ['a new file is removed', [undefined, 7], 'end 503 wrote 5 cut removed', 1],
    ['a file that overwrote another is removed', [6, 7], 'end 503 wrote 5 cut removed', 1],
    ['a file that stood there before is not touched', [6, 6], 'end 503 wrote 5 cut left', 0],
    ['where nothing was created there is nothing to remove', [undefined, undefined], 'end 503 wrote 5 cut removed', 0],
  ])('%s', async (_what, numbers, line, removals) => {
    inodes(...numbers)
    expect(await (await begin()).status).toBe(503)
    await ended(line)
    expect(deletions()).toHaveLength(removals)
  })
})

test('a DataNode that has the whole body and says nothing is not waited for without end', async () => {
  await setup.stop()
  // Within it, the NameNode's answers of a busy machine, too.
  setup = await setUp({ answerMs: 1000 })
  setup.hdfs.dn.handle = (_request, response) => response.writeContinue()
  expect((await ask(setup, 'PUT', CREATE, { body: 'hello' })).status).toBe(503)
  await ended('end 503 wrote 5 cut left')
})

describe('policy changes', () => {
  test('the upload is cut, told why, and its file removed', async () => {
    const { status } = await begin()
    setup.slice.set(setup.inPlace(REVOKED))
    expect(await status).toBe(403)
    await ended('end 403 wrote 5 cut removed')
    expect(setup.audit.entries.at(-1)).toMatchObject({ kind: 'end', end: { reason: 'no-dataset' } })
  })

  test('what is being appended is cut, told why, and stays as far as it came', async () => {
    const { status } = await begin('/webhdfs/v1/team/quant/a?op=APPEND&step=2', 'POST')
    setup.slice.set(setup.inPlace(REVOKED))
    expect(await status).toBe(403)
    await ended('end 403 wrote 5 cut left')
    expect(setup.audit.entries.at(-1)).toMatchObject({ kind: 'end', end: { reason: 'no-dataset' } })
  })

  test('between record and transfer: not a byte moves', async () => {
    const { write } = setup.audit
    setup.audit.write = (entry) => {
      if (entry.kind === 'start') setup.slice.set(setup.inPlace(REVOKED))
      return write.call(setup.audit, entry)
    }
    expect((await ask(setup, 'PUT', CREATE, { body: 'x' })).status).toBe(403)
    expect(setup.hdfs.nn1.seen).toEqual([])
    expect(setup.audit.entries.at(-1)).toMatchObject({ end: { status: 403, cut: false, reason: 'no-dataset' } })
  })
})

describe('HDFS refuses', () => {
  test('a large body is still taken in, so that the client reads why', async () => {
    setup.hdfs.nn1.handle = (_request, response) => exception(response, 'AccessControlException', 'Permission denied')
    const answer = await ask(setup, 'PUT', CREATE, { body: Buffer.alloc(8 << 20) })
    expect([answer.status, messageOf(answer)]).toEqual([403, 'Permission denied'])
    expect(setup.hdfs.dn.seen).toEqual([])
  })

  test('at the DataNode: it is told, and nothing is removed', async () => {
    setup.hdfs.dn.handle = (request, response) => {
      response.writeContinue()
      request.on('end', () => exception(response, 'FileAlreadyExistsException', 'already exists'))
    }
    const answer = await inTwoSteps(setup, 'PUT', '/webhdfs/v1/team/quant/a?op=CREATE', 'hello')
    expect([answer.status, messageOf(answer)]).toEqual([403, 'already exists'])
    expect(setup.audit.lines.at(-1)).toBe('end 403 wrote 5')
    expect(deletions()).toEqual([])
  })
})

test('when the sidecar stops, the file is removed and its end recorded before it is gone', async () => {
  await begin()
  await setup.gateway.close()
  expect(setup.audit.lines.at(-1)).toBe('end 503 wrote 5 cut removed')
  expect(deletions()).toHaveLength(1)
})

test('when the sidecar stops and HDFS is silent, it ends all the same', async () => {
  await begin()
  for (const server of [setup.hdfs.nn1, setup.hdfs.nn2, setup.hdfs.dn]) server.handle = () => undefined
  await setup.gateway.close()
  expect(setup.hdfs.dn.seen).toHaveLength(1)
})

test('a URL of step two can be used again and again', async () => {
  const path = '/webhdfs/v1/team/quant/a?op=APPEND&step=2'
  for (const body of ['one', 'two', '']) expect((await ask(setup, 'POST', path, { body })).status).toBe(200)
  expect(setup.hdfs.dn.seen.map(({ body }) => body)).toEqual(['one', 'two', ''])
})
