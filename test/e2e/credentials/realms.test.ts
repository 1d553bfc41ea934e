/** Trusts between realms, each with a real KDC: a whole sidecar whose principal is of another realm than its HDFS, or of one that is trusted only through a third. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KerbsideError } from '../../../src/core/errors.ts'
import { readCredentialCache } from '../../../src/core/kerberos/ccache.ts'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { writeSlice } from '../../../src/core/policy/slice-line.ts'
import { trustPassword } from '../../lab/parts/realms.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { stream } from '../../sidecar/policy/loopback-broker.ts'
import { type OtherRealms, otherRealms } from './other-realms.ts'
import { startSidecar } from './sidecar-process.ts'
import { World } from './world.ts'

const CORP = { realm: 'CORP', kdcs: ['kdc-corp.lab:88'] } as const
const OVERSEAS = { realm: 'OVERSEAS', kdcs: ['kdc-overseas.lab:88'], via: 'CORP' } as const
const { via: _via, ...OVERSEAS_ALONE } = OVERSEAS
const LAB = { realm: 'LAB', kdcs: SLICE.cluster.kdcs } as const

/** The lab's HDFS, which takes principals of all three. */
const CLUSTER = { ...SLICE.cluster, realms: [CORP, OVERSEAS] }
const OF_CORP = { principal: 'quant@CORP', secret: 'hdfs/quant-corp', cluster: CLUSTER }
const OF_OVERSEAS = { principal: 'quant@OVERSEAS', secret: 'hdfs/quant-overseas', cluster: CLUSTER }
/** A NameNode that is a service of CORP. */
const SERVICE_OF_CORP: Slice = {
  ...SLICE,
  cluster: { ...SLICE.cluster, nameNodes: ['https://corp-nn.lab:9871'], ...CORP, realms: [LAB] },
}

let world: World
let realms: OtherRealms
beforeAll(async () => {
  world = new World()
  realms = await otherRealms(world)
  for (const name of ['quant-corp', 'quant-overseas']) {
    world.put(`hdfs/${name}/keytab`, readFileSync(world.lab.files.keytab(name)))
  }
})
afterAll(() => world.remove())

const services = () => readCredentialCache(readFileSync(world.files.cache)).tickets.map(({ service }) => service)

/** What a whole sidecar with this slice answers a job, one question after the other. */
async function through(slice: Slice, ...questions: readonly (readonly [method: string, question: string])[]) {
  const sidecar = await startSidecar(world)
  try {
    sidecar.broker.answer(stream(writeSlice(slice)))
    await expect
      .poll(async () => (await sidecar.ready()).status, { timeout: 120_000, message: sidecar.log() })
      .toBe(200)
    const answers: { readonly status: number; readonly body: string }[] = []
    for (const [method, question] of questions) {
      const answer = await fetch(`${sidecar.gateway}${question}`, { method })
      answers.push({ status: answer.status, body: await answer.text() })
    }
    return answers
  } finally {
    await sidecar.stop()
  }
}

test.each([
  ['of a realm that is trusted', OF_CORP, []],
  ['of a realm that is trusted only through another one', OF_OVERSEAS, []],
])('a principal %s reads and writes as the user that HDFS takes it for', async (_, who) => {
  const file = '/team/quant/realms.txt'
  const [, read, status, shut] = await through(
    { ...SLICE, ...who },
    ['PUT', `${file}?op=CREATE&overwrite=true`],
    ['GET', '/data/market/stocks.csv?op=OPEN&length=6'],
    ['GET', `${file}?op=GETFILESTATUS`],
    ['GET', '/data/weather/weather.csv?op=OPEN'],
  )
  expect(read).toEqual({ status: 200, body: 'symbol' })
  expect(JSON.parse(status?.body ?? '').FileStatus).toMatchObject({ owner: 'quant' })
  expect(shut?.status).toBe(403)
})

test('the service may be of the other realm', async () => {
  const [made, status] = await through(
    SERVICE_OF_CORP,
    ['PUT', '/team/quant/from-lab?op=MKDIRS'],
    ['GET', '/team/quant/from-lab?op=GETFILESTATUS'],
  )
  expect(made).toEqual({ status: 200, body: '{"boolean":true}' })
  expect(JSON.parse(status?.body ?? '').FileStatus).toMatchObject({ owner: 'quant', type: 'DIRECTORY' })
})

test('all tickets on the way are fetched ahead, each realm asked for the next', async () => {
  await world.acquire(OF_OVERSEAS)
  expect(services()).toEqual([
    'krbtgt/OVERSEAS@OVERSEAS',
    'krbtgt/CORP@OVERSEAS',
    'krbtgt/LAB@CORP',
    'HTTP/nn1.lab@LAB',
    'HTTP/nn2.lab@LAB',
  ])
})

test('a ticket holds no longer than the shortest on the way', async () => {
  const setLife = (life: string) => realms.kadmin('CORP', `modprinc -maxlife "${life}" krbtgt/LAB@CORP`)
  await setLife('90 seconds')
  try {
    expect((await world.acquire(OF_CORP)).lifeMs).toBeLessThanOrEqual(90_000 + 5000)
  } finally {
    await setLife('1 day')
  }
})

const why = (work: Promise<unknown>) =>
  work.then(
    () => 'it went well',
    ({ code, message }: KerbsideError) => `${code}: ${message}`,
  )

test('where there is no trust, it is said between which two', async () => {
  const said = await why(world.acquire({ ...OF_OVERSEAS, cluster: { ...CLUSTER, realms: [CORP, OVERSEAS_ALONE] } }))
  expect(said).toContain(
    'kerberos-failed: from realm `OVERSEAS` to `LAB`: the trust leads through a realm that is not named',
  )
  const backwards = { ...CLUSTER, ...OVERSEAS_ALONE, realms: [CORP] }
  expect(await why(world.acquire({ ...OF_CORP, cluster: backwards }))).toContain(
    'kerberos-failed: from realm `CORP` to `OVERSEAS`: there is no trust between the two',
  )
})

test('where the two have other keys for their trust, it is said of them, and of no keytab', async () => {
  const makeTrust = (password: string) =>
    realms.kadmin('CORP', 'delprinc -force krbtgt/LAB@CORP', `addprinc -pw "${password}" krbtgt/LAB@CORP`)
  await makeTrust('another')
  try {
    expect(await why(world.acquire(OF_CORP))).toContain(
      'kerberos-failed: ticket for `HTTP@nn1.lab`: `CORP` and `LAB` have other keys for their trust',
    )
  } finally {
    await makeTrust(trustPassword('krbtgt/LAB@CORP'))
  }
})

describe('KDCs of a realm on the way', () => {
  const withKdcs = (...kdcs: readonly string[]) => ({
    ...OF_OVERSEAS,
    cluster: { ...CLUSTER, realms: [{ ...CORP, kdcs }, OVERSEAS] },
  })
  let silent: Server
  let silentKdc: string
  beforeAll(async () => {
    silent = createServer(() => undefined).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    silentKdc = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  })
  afterAll(() => silent.close())

  test('that are dead or silent are passed over', async () => {
    expect((await world.acquire(withKdcs('127.0.0.1:1', silentKdc, ...CORP.kdcs))).warnings).toEqual([])
  })

  test('that are all silent are told as those of that realm', async () => {
    expect(await why(world.acquire(withKdcs(silentKdc)))).toBe(
      'kdc-unreachable: realm `CORP`: kvno: no KDC answered in time',
    )
  })

  test('that are all dead are told as those of that realm', async () => {
    expect(await why(world.acquire(withKdcs('127.0.0.1:1')))).toContain(
      'kdc-unreachable: from realm `CORP` to `LAB`: no KDC answers',
    )
  })
})
