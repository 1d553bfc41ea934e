/**
 * A cluster without TLS, where policy says that it may be one. The NameNodes and DataNodes are the fake's, without TLS: the
 * lab's HDFS encrypts what DataNodes send each other, and Hadoop demands HTTPS with that.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { dataNode, FakeNode, nameNodeOf } from './fake-hdfs.ts'
import { inTwoSteps, messageOf, type Setup, setUp } from './set-up.ts'

let setup: Setup
let nn: FakeNode
let dn: FakeNode

async function plain(handle: ConstructorParameters<typeof FakeNode>[1]): Promise<FakeNode> {
  const server = createServer()
  server.listen(0, 'localhost')
  await once(server, 'listening')
  return new FakeNode(server, handle, 'http')
}

beforeEach(async () => {
  setup = await setUp()
  dn = await plain(dataNode)
  nn = await plain(nameNodeOf(() => dn.origin))
})
afterEach(async () => {
  await setup.stop()
  await Promise.all([nn.stop(), dn.stop()])
})

const reach = (nameNodes: readonly string[]) => {
  const { sent } = setup.slice
  setup.slice.set({ ...sent, cluster: { ...sent.cluster, nameNodes, insecureHttp: true } })
}
const open = () => inTwoSteps(setup, 'GET', '/webhdfs/v1/data/market/x?op=OPEN')

describe('HDFS without TLS', () => {
  test('is read from and written to', async () => {
    reach([nn.origin])
    expect(await open()).toMatchObject({ status: 200, body: 'bytes' })
    const written = await inTwoSteps(setup, 'PUT', '/webhdfs/v1/team/quant/x?op=CREATE', 'hello')
    expect(written.status).toBe(201)
    expect(dn.seen.map(({ body }) => body)).toEqual(['', 'hello'])
  })

  test('may send on to a DataNode with TLS, which must have the certificate that it should', async () => {
    nn.handle = nameNodeOf(() => setup.hdfs.dn.origin)
    reach([nn.origin])
    expect(await open()).toMatchObject({ status: 200, body: 'bytes' })
    expect(setup.hdfs.dn.seen).toHaveLength(1)
  })

  test('is not where a NameNode with TLS may send to, whatever else of the cluster has none', async () => {
    setup.hdfs.nn1.handle = nameNodeOf(() => dn.origin)
    reach([setup.hdfs.nn1.origin, nn.origin])
    const answer = await open()
    expect([answer.status, messageOf(answer)]).toEqual([500, expect.stringContaining('(hdfs-broken-answer)')])
    expect(dn.seen).toHaveLength(0)
  })

  test('is held to its path and its hosts as any other', async () => {
    reach([nn.origin])
    for (const location of [
      `${dn.origin}/webhdfs/v1/data/weather/x?op=OPEN`,
      `${dn.origin.replace('localhost', '127.0.0.1')}/webhdfs/v1/data/market/x?op=OPEN`,
    ]) {
      nn.handle = (_request, response) => void response.writeHead(307, { location }).end()
      expect((await open()).status).toBe(500)
    }
    expect(dn.seen).toHaveLength(0)
  })
})
