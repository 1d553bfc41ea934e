/**
 * `npm run bench -- aborts`: one side of a stream ends; how long until the other does. The DataNode is the fake of
 * test/sidecar/gateway, since a real one cannot be made to say when its connection ended.
 */
import { once } from 'node:events'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type Setup, setUp } from '../../sidecar/gateway/set-up.ts'
import { header, sayGoal } from '../row.ts'

const TIMES = 200
const GOAL_MS = 100

type Ends = {
  readonly client: ClientRequest
  readonly dataNode: Socket
  /** Resolves when the DataNode has heard that there is no more: a closed connection, or the end of a body. */
  readonly heard: Promise<unknown>
}

export async function benchAborts(): Promise<void> {
  const setup = await setUp()
  try {
    header('one side of a stream ends: until the other does')
    await measure('a client that leaves a read, at the DataNode', () => beginRead(setup), leaves)
    await measure('a client that leaves an upload, at the DataNode', () => beginAppend(setup), leaves)
    await measure('a DataNode that ends in an upload, at the client', () => beginAppend(setup), breaks)
  } finally {
    await setup.stop()
  }
}

const leaves = ({ client, heard }: Ends): Promise<unknown> => {
  client.destroy()
  return heard
}
const breaks = ({ client, dataNode }: Ends): Promise<unknown> => {
  const told = Promise.race([once(client, 'response'), once(client, 'close')])
  dataNode.destroy()
  return told
}

async function measure(what: string, begin: () => Promise<Ends>, end: (ends: Ends) => Promise<unknown>): Promise<void> {
  const took: number[] = []
  for (let time = 0; time < TIMES; time += 1) {
    const ends = await begin()
    const began = performance.now()
    await end(ends)
    took.push(performance.now() - began)
    ends.client.destroy()
  }
  took.sort((one, other) => one - other)
  sayGoal(`${what}, p50`, took[TIMES >> 1] ?? Number.NaN, GOAL_MS, 'ms', 1)
  sayGoal('  and the longest', took.at(-1) ?? Number.NaN, GOAL_MS, 'ms', 1)
}

async function beginRead(setup: Setup): Promise<Ends> {
  const reached = new Promise<Socket>((resolve) => {
    setup.hdfs.dn.handle = (request, response) => {
      response.writeHead(200, { 'content-length': '1000000' }).write('x')
      resolve(request.socket)
    }
  })
  const client = ask(setup, 'GET', '/webhdfs/v1/data/market/x?op=OPEN&step=2')
  client.end()
  await once(client, 'response')
  const dataNode = await reached
  return { client, dataNode, heard: once(dataNode, 'close') }
}

/** A body that stops short is ended properly, so that the DataNode closes the file and says whose it is. */
async function beginAppend(setup: Setup): Promise<Ends> {
  const reached = new Promise<IncomingMessage>((resolve) => {
    setup.hdfs.dn.handle = (request, response) => {
      response.writeContinue()
      request.once('data', () => resolve(request))
    }
  })
  const client = ask(setup, 'POST', '/webhdfs/v1/team/quant/a?op=APPEND&step=2')
  client.write('first')
  const upload = await reached
  return { client, dataNode: upload.socket, heard: new Promise((resolve) => upload.once('end', resolve)) }
}

function ask({ gateway }: Setup, method: string, path: string): ClientRequest {
  const headers = method === 'GET' ? {} : { 'transfer-encoding': 'chunked' }
  const request = httpRequest({ host: '127.0.0.1', port: gateway.port, method, path, headers, agent: false })
  return request.on('error', () => {})
}
