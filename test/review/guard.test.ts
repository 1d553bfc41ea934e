/** The guard by itself, in front of routes that were forgotten, refused, or cannot be written down. */
import fastify, { type FastifyInstance } from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import type { Viewed } from '../../src/core/audit/record.ts'
import { guard } from '../../src/review/guard.ts'
import type { Journal } from '../../src/review/journal.ts'
import { NO_JOURNAL } from '../../src/review/journal.ts'
import type { Login } from '../../src/review/login/login.ts'
import type { Reader } from '../../src/review/login/reader.ts'

const LEAD: Reader = { id: 'issuer lead', name: 'lead', role: 'team-lead', teams: ['quant', 'risk'] }

/** A session that is there already: how one comes to be is for the tests of the login. */
const signedIn = (reader: Reader): Login => ({
  url: 'https://localhost',
  providerOrigin: 'https://login.lab',
  readerOf: () => reader,
  begin: () => Promise.reject(new Error('nobody signs in here')),
  finish: () => Promise.reject(new Error('nobody signs in here')),
  end: () => ({ to: '/', cookies: [] }),
})

/** Routes of every need, each of which answers with whose records it would show. */
async function guarded(login: Login | undefined, journal: Journal): Promise<FastifyInstance> {
  const server = fastify()
  onTestFinished(() => server.close())
  guard(server, { login, journal, names: [] })
  const tell = async ({ viewer }: { viewer: unknown }) => JSON.stringify(viewer)
  server.get('/forgotten', tell)
  server.get('/open', { config: { need: 'nothing' } }, tell)
  server.get('/records', { config: { need: 'records' } }, tell)
  server.get('/policy', { config: { need: 'everything' } }, tell)
  server.get('/views', { config: { need: 'views' } }, tell)
  await server.ready()
  return server
}
const get = async (server: FastifyInstance, url: string) => {
  const { statusCode, body } = await server.inject({ url, headers: { host: 'localhost', accept: 'text/html' } })
  return { status: statusCode, body }
}

test('a route that does not say what it needs is shown to nobody', async () => {
  for (const login of [undefined, signedIn({ ...LEAD, role: 'auditor' })]) {
    const server = await guarded(login, NO_JOURNAL)
    expect((await get(server, '/forgotten')).status).toBe(403)
    expect((await get(server, '/open')).status).toBe(200)
  }
})

test('a lead sees the teams of the file, one at a time, and no page that is about all of them', async () => {
  const server = await guarded(signedIn(LEAD), NO_JOURNAL)
  const scopeAt = async (url: string) => JSON.parse((await get(server, url)).body).scope
  expect(await scopeAt('/records')).toEqual({ of: 'team', team: 'quant' })
  expect(await scopeAt('/records?of=risk')).toEqual({ of: 'team', team: 'risk' })
  const refused = [
    '/records?of=climate',
    '/records?of=',
    '/records?of=risk%20',
    '/records?of=Risk',
    '/policy',
    '/views',
  ]
  for (const url of refused) expect([url, (await get(server, url)).status]).toEqual([url, 403])
})

test('a lead of no team sees nothing', async () => {
  const server = await guarded(signedIn({ ...LEAD, teams: [] }), NO_JOURNAL)
  for (const url of ['/records', '/records?of=quant']) expect((await get(server, url)).status).toBe(403)
})

test('a view is written down before it is shown, allowed or refused, and not shown when it cannot be', async () => {
  const views: Viewed[] = []
  let isFull = false
  const journal: Journal = {
    viewed: (view) => (isFull ? Promise.reject(new Error('disk full')) : Promise.resolve(void views.push(view))),
    close: () => Promise.resolve(),
  }
  const server = await guarded(signedIn(LEAD), journal)
  await get(server, '/records?team=quant')
  await get(server, '/policy')
  await get(server, '/open')
  const who = { reader: 'issuer lead', role: 'team-lead' }
  expect(views).toEqual([
    { ...who, url: '/records?team=quant', effect: 'allow' },
    { ...who, url: '/policy', effect: 'deny' },
  ])
  isFull = true
  const { status, body } = await get(server, '/records')
  expect(status).toBe(500)
  expect(body).not.toContain('quant')
})
