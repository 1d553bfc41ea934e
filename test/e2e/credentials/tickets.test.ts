/** Tickets from the real KDC: got, kept through a rotation, and refused with a reason. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TicketKeeper } from '../../../sidecar/credentials/ticket-keeper.ts'
import { pause } from '../../../sidecar/pause.ts'
import { steadyClock } from '../../../sidecar/steady-clock.ts'
import { readCredentialCache } from '../../../src/core/kerberos/ccache.ts'
import { readKeytab } from '../../../src/core/kerberos/keytab.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { codeOf, World } from './world.ts'

let world: World
beforeAll(() => {
  world = new World()
})
afterAll(() => world.remove())

const cacheNow = () => readFileSync(world.files.cache)
const ROTATED = { principal: 'rotated@LAB', secret: 'hdfs/rotated' }

test('a keytab becomes a ticket and a service ticket for every NameNode, readable by us alone', async () => {
  const acquired = await world.acquire()
  const caPem = world.caPem.replaceAll('\r', '')
  expect(acquired).toMatchObject({ kvno: 1, caPem, warnings: [] })
  expect(statSync(world.files.cache).mode & 0o777).toBe(0o600)
  expect(statSync(world.files.folder).mode & 0o777).toBe(0o700)
  expect(readdirSync(world.files.folder).toSorted()).toEqual(['krb5.conf', 'ticket'])
  const cache = readCredentialCache(cacheNow())
  expect(cache.principal).toBe('quant@LAB')
  expect(cache.tickets.map(({ service }) => service)).toEqual([
    'krbtgt/LAB@LAB',
    'HTTP/nn1.lab@LAB',
    'HTTP/nn2.lab@LAB',
  ])
  const klist = await world.klist('-c', `FILE:${world.files.cache}`)
  const [, month, day, year, time] = /(\d\d)\/(\d\d)\/(\d\d) (\S+)\s+krbtgt/.exec(klist) ?? []
  const begins = cache.tickets[0]?.startsAt ?? 0
  expect(new Date(begins + acquired.lifeMs).toISOString()).toBe(`20${year}-${month}-${day}T${time}.000Z`)
})

test('our reader of keytabs sees in a real one what klist sees', async () => {
  const file = world.lab.files.keytab('hadoop')
  const klist = await world.klist('-k', '-e', file)
  const theirs = [...klist.matchAll(/^\s*(\d+) (\S+) \(/gm)].map(([, kvno, principal]) => `${kvno} ${principal}`)
  const ours = readKeytab(readFileSync(file)).map(({ kvno, principal }) => `${kvno} ${principal}`)
  expect(ours).toEqual(theirs)
  expect(ours.length).toBeGreaterThan(4)
})

test('a KDC that is not there is told as that, and the ticket we have stays; when it is back, all goes on', async () => {
  await world.acquire()
  const before = cacheNow()
  await world.lab.stop('kdc')
  try {
    expect(await codeOf(world.acquire())).toBe('kdc-unreachable')
    expect(cacheNow().equals(before)).toBe(true)
  } finally {
    await world.lab.start('kdc')
  }
  await world.acquire()
  expect(cacheNow().equals(before)).toBe(false)
})

test('a key that was changed is refused without harm to the ticket; the new keytab is accepted', async () => {
  await world.makePrincipal('rotated')
  expect((await world.acquire(ROTATED)).kvno).toBe(1)
  const before = cacheNow()
  await world.kadmin('cpw -randkey rotated')
  expect(await codeOf(world.acquire(ROTATED))).toBe('kerberos-refused')
  expect(cacheNow().equals(before)).toBe(true)
  await world.storeKeytabOf('rotated')
  expect((await world.acquire(ROTATED)).kvno).toBe(2)
  expect(cacheNow().equals(before)).toBe(false)
})

test('with preauthentication the wrong key is refused too', async () => {
  await world.makePrincipal('rotated')
  await world.kadmin('modprinc +requires_preauth rotated', 'cpw -randkey rotated')
  expect(await codeOf(world.acquire(ROTATED))).toBe('kerberos-refused')
})

test('a principal that the KDC does not know, or has locked, is refused', async () => {
  await world.makePrincipal('rotated')
  await world.kadmin('modprinc -allow_tix rotated')
  expect(await codeOf(world.acquire(ROTATED))).toBe('kerberos-refused')
  await world.kadmin('delprinc -force rotated')
  expect(await codeOf(world.acquire(ROTATED))).toBe('kerberos-refused')
})

test('a ticket of ten seconds is kept for fifteen, and is never expired', async () => {
  await world.makePrincipal('rotated')
  await world.kadmin('modprinc -maxlife "10 seconds" rotated')
  const lives: number[] = []
  const keeper = new TicketKeeper({
    acquire: () => world.acquire(ROTATED),
    onAcquired: ({ lifeMs }) => lives.push(lifeMs),
    onFailure: (error) => expect.unreachable(error.message),
    onStatus: () => undefined,
    clock: steadyClock,
    chance: () => 0,
    wait: pause,
    lookMs: 60_000,
  })
  await expect.poll(() => lives.length, { timeout: 20_000 }).toBe(1)
  const begun = Date.now()
  while (Date.now() < begun + 15_000) {
    expect(keeper.status().state).toBe('ready')
    const [ticket] = readCredentialCache(cacheNow()).tickets
    expect(ticket?.expiresAt).toBeGreaterThan(Date.now())
    await pause(200, new AbortController().signal)
  }
  await keeper.close()
  expect(lives.length).toBeGreaterThan(2)
  expect(new Set(lives)).toEqual(new Set([10_000]))
})

test('a NameNode that the KDC does not know is a warning; when none is known it is an error', async () => {
  const nameNodes = ['https://nowhere.lab:9871', ...SLICE.cluster.nameNodes]
  const { warnings } = await world.acquire({ cluster: { ...SLICE.cluster, nameNodes } })
  expect(warnings).toEqual([
    expect.stringContaining('ticket for `HTTP@nowhere.lab`: the KDC does not know the service'),
  ])
  const none = { ...SLICE.cluster, nameNodes: ['https://nowhere.lab:9871'] }
  expect(await codeOf(world.acquire({ cluster: none }))).toBe('kerberos-failed')
})
