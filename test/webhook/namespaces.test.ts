/** What the webhook knows of namespaces, from an API server on loopback that lists, watches, breaks off and goes silent as the real one does. */
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KubeConfig } from '@kubernetes/client-node'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Namespaces, watchNamespaces } from '../../webhook/namespaces.ts'

type Labels = Record<string, string> | undefined

let server: Server
let namespaces: Namespaces
let listed: Map<string, Labels>
let status: number
let lists: number
let watches: { response: ServerResponse; resourceVersion: string | null }[]
let now: number
let said: string[]

const namespace = (name: string, labels: Labels) => ({
  kind: 'Namespace',
  apiVersion: 'v1',
  metadata: { name, resourceVersion: '8', ...(labels === undefined ? {} : { labels }) },
})

beforeEach(async () => {
  listed = new Map([['ml-quant', { stage: 'sandbox' }]])
  status = 200
  lists = 0
  watches = []
  now = 1000
  said = []
  server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://api')
    response.writeHead(status, { 'content-type': 'application/json' })
    if (status !== 200) return void response.end(JSON.stringify({ kind: 'Status', code: status }))
    if (searchParams.get('watch') === 'true') {
      response.flushHeaders()
      return void watches.push({ response, resourceVersion: searchParams.get('resourceVersion') })
    }
    lists += 1
    const items = [...listed].map(([name, labels]) => namespace(name, labels))
    response.end(JSON.stringify({ kind: 'NamespaceList', apiVersion: 'v1', metadata: { resourceVersion: '7' }, items }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(async () => {
  namespaces.stop()
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

function start(): void {
  const cluster = new KubeConfig()
  cluster.loadFromOptions({
    clusters: [
      { name: 'c', server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTLSVerify: true },
    ],
    users: [{ name: 'u' }],
    contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
    currentContext: 'x',
  })
  const log = pino({}, { write: (line: string) => void said.push(line) })
  const times = { retryMs: 10, staleMs: 5000 }
  namespaces = watchNamespaces({ cluster, log, clock: () => now, times })
}

const tell = (type: string, name: string, labels?: Labels) =>
  watches.at(-1)?.response.write(`${JSON.stringify({ type, object: namespace(name, labels) })}\n`)
const labels = (name: string) => {
  const known = namespaces.labelsOf(name)
  return known === undefined ? undefined : Object.fromEntries(known)
}
const becomes = (name: string, expected: Labels) => expect.poll(() => labels(name)).toEqual(expected)
const watching = (number = 1) => expect.poll(() => watches.length).toBe(number)

test('nothing is known at first, then what is listed, from where it is watched', async () => {
  start()
  expect([labels('ml-quant'), namespaces.problem()]).toEqual([undefined, 'the namespaces are not read yet'])
  await becomes('ml-quant', { stage: 'sandbox' })
  expect([labels('ml-climate'), labels('constructor'), namespaces.problem()]).toEqual([undefined, undefined, undefined])
  await watching()
  expect(watches[0]?.resourceVersion).toBe('7')
})

test('a namespace that comes, changes or goes is known at once', async () => {
  start()
  await watching()
  tell('ADDED', 'ml-climate')
  await becomes('ml-climate', {})
  tell('MODIFIED', 'ml-quant', { stage: 'production' })
  await becomes('ml-quant', { stage: 'production' })
  tell('DELETED', 'ml-quant', { stage: 'production' })
  await becomes('ml-quant', undefined)
  expect(lists).toBe(1)
})

test('what was missed while a watch was broken or expired is in the next list', async () => {
  start()
  await watching()
  listed.set('ml-quant', { stage: 'one' })
  watches.at(-1)?.response.destroy()
  await becomes('ml-quant', { stage: 'one' })
  await watching(2)
  listed.set('ml-quant', { stage: 'two' })
  watches.at(-1)?.response.write(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } })}\n`)
  watches.at(-1)?.response.end()
  await becomes('ml-quant', { stage: 'two' })
})

test('labels that nothing was heard of for long are not known any more; a bookmark is a word', async () => {
  start()
  await watching()
  status = 500
  now += 4999
  tell('BOOKMARK', '')
  // Heard: it counts for as long again from here on.
  tell('ADDED', 'marker')
  await becomes('marker', {})
  now += 4999
  expect(labels('ml-quant')).toEqual({ stage: 'sandbox' })
  watches.at(-1)?.response.destroy()
  now += 20
  await becomes('ml-quant', undefined)
  status = 200
  await becomes('ml-quant', { stage: 'sandbox' })
})

test('an API server that refuses is told once, stops nothing, and is asked again', async () => {
  status = 403
  start()
  await expect.poll(() => namespaces.problem()).toBeUndefined()
  expect(labels('ml-quant')).toBeUndefined()
  await expect.poll(() => said.length).toBe(1)
  expect(said[0]).toContain('the ClusterRole kerbside-webhook allows it')
  status = 200
  await becomes('ml-quant', { stage: 'sandbox' })
  expect(said).toHaveLength(1)
})

test('without a cluster nothing is ever known, and nothing waits for it', () => {
  namespaces = watchNamespaces({ cluster: undefined, log: pino({ enabled: false }), clock: () => 0 })
  expect([namespaces.labelsOf('ml-quant'), namespaces.problem()]).toEqual([undefined, undefined])
})
