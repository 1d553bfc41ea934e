/** Whatever breaks, and whenever: nothing throws past the walk, every start has its end, and no stream is left over. */
import { request as httpRequest } from 'node:http'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exception, type FakeNode } from './fake-hdfs.ts'
import { type Setup, setUp } from './set-up.ts'

let setup: Setup
beforeEach(async () => {
  setup = await setUp({ failoverMs: 60, verdictMs: 60, answerMs: 300 })
})
afterEach(() => setup.stop())

const OPERATIONS = [
  ['GET', '/data/market/x?op=OPEN&step=2'],
  ['PUT', '/team/quant/a?op=CREATE&step=2'],
  ['PUT', '/team/quant/a?op=CREATE'],
  ['POST', '/team/quant/a?op=APPEND&step=2'],
  ['DELETE', '/team/quant/a?op=DELETE'],
  ['GET', '/data?op=LISTSTATUS'],
  ['GET', '/data/weather?op=LISTSTATUS'],
] as const

const fault = fc.record({
  operation: fc.constantFrom(...OPERATIONS),
  body: fc.constantFrom(0, 5, 300_000),
  /** When the client goes away; -1 for hardly ever. */
  clientLeavesAfterMs: fc.constantFrom(-1, 0, 1, 3, 10),
  nameNode: fc.constantFrom('well', 'well', 'well', 'breaks', 'refuses'),
  dataNode: fc.constantFrom('well', 'well', 'breaks', 'breaks later', 'refuses', 'is silent'),
})
type Fault = typeof fault extends fc.Arbitrary<infer T> ? T : never

function breakAs(node: FakeNode, how: string): void {
  const { handle } = node
  node.handle = (request, response, seen) => {
    if (how === 'breaks') return void request.socket.destroy()
    if (how === 'refuses') return exception(response, 'IOException', 'no')
    if (how === 'is silent') return
    handle(request, response, seen)
    if (how === 'breaks later') setTimeout(() => request.socket.destroy(), 2)
  }
}

/** Resolves when the client is done, however that is. */
async function attempt({ operation: [method, path], body, clientLeavesAfterMs }: Fault): Promise<void> {
  const { port } = setup.gateway
  const request = httpRequest({ host: '127.0.0.1', port, method, path: `/webhdfs/v1${path}`, agent: false })
  request.on('error', () => {})
  request.on('response', (response) => response.on('error', () => {}).resume())
  // Counted from the connection: a busy machine takes longer for that than most clients here stay.
  let timer: NodeJS.Timeout | undefined
  request.once('socket', (socket) =>
    socket.once('connect', () => {
      timer = setTimeout(() => request.destroy(), clientLeavesAfterMs < 0 ? 500 : clientLeavesAfterMs)
    }),
  )
  if (method === 'GET') request.end()
  else request.end(Buffer.alloc(body))
  await new Promise((resolve) => request.once('close', resolve))
  clearTimeout(timer)
}

test('every start has its end', { timeout: 60_000 }, async () => {
  const { nn1, nn2, dn } = setup.hdfs
  const healthy = [nn1, nn2, dn].map((node) => [node, node.handle] as const)
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { minLength: 1, maxLength: 4 }), async (faults) => {
      for (const [node, handle] of healthy) node.handle = handle
      for (const { nameNode } of faults.slice(0, 1)) breakAs(nn1, nameNode)
      for (const { dataNode } of faults.slice(0, 1)) breakAs(dn, dataNode)
      await Promise.all(faults.map(attempt))
    }),
    { numRuns: 60 },
  )
  const ids = (kind: string) =>
    setup.audit.entries.flatMap((entry) => (entry.kind === kind && 'what' in entry ? [entry.what.operationId] : []))
  await expect.poll(() => setup.gateway.counters().activeStreams).toBe(0)
  await expect.poll(() => ids('end').sort()).toEqual(ids('start').sort())
  expect(ids('start').length).toBeGreaterThan(40)
})
