/** Tickets as large as Active Directory's, from real KDCs through a trust to a NameNode: by TCP alone, and told where HDFS takes none so large. */
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { type OtherRealms, otherRealms } from './other-realms.ts'
import { tapOf, type WireTap } from './wire-tap.ts'
import { World } from './world.ts'

let world: World
let realms: OtherRealms
let taps: { readonly lab: WireTap; readonly corp: WireTap }
beforeAll(async () => {
  world = new World()
  realms = await otherRealms(world)
})
afterAll(() => world.remove())
beforeEach(async () => {
  taps = { lab: await tapOf('kdc.lab'), corp: await tapOf('kdc-corp.lab') }
})
afterEach(async () => {
  await taps.lab.close()
  await taps.corp.close()
})

/** A principal of CORP whose tickets have at least so many bytes. */
async function large(bytes: number) {
  const name = `large-${bytes}`
  await realms.kadmin('CORP', `delprinc -force ${name}`, `addprinc -randkey ${name}`)
  world.put(`hdfs/${name}/keytab`, await realms.keytab('CORP', name))
  const trusted = [{ realm: 'CORP', kdcs: [taps.corp.address] }]
  const cluster = { ...SLICE.cluster, kdcs: [taps.lab.address], realms: trusted }
  return { principal: `${name}@CORP`, secret: `hdfs/${name}`, cluster }
}

test.each([0, 2000, 40_000])('tickets of %i bytes more go by TCP, and HDFS takes them', async (bytes) => {
  const connection = await large(bytes)
  expect((await world.acquire(connection)).warnings).toEqual([])
  expect(readFileSync(world.files.cache).length).toBeGreaterThan(4 * bytes)
  const { token } = await world.negotiate({ do: 'get' }, { principal: connection.principal })
  expect(await world.ownerOf(token)).toBe(`/team/large-${bytes}`)
  for (const { connections, datagrams } of [taps.corp, taps.lab]) {
    expect(connections).toBeGreaterThan(0)
    expect(datagrams).toBe(0)
  }
})

test.each([60_000, 200_000])('where HDFS takes no header of %i bytes, that is said, and what to do', async (bytes) => {
  const connection = await large(bytes)
  expect((await world.acquire(connection)).warnings).toEqual([])
  expect([taps.corp.datagrams, taps.lab.datagrams]).toEqual([0, 0])
  await expect(world.negotiate({ do: 'get' }, { principal: connection.principal })).rejects.toMatchObject({
    code: 'kerberos-failed',
    message: expect.stringMatching(
      /^`HTTP@nn1\.lab` takes no ticket as large as ours, \d+ KiB \(.+\); `HTTP@nn2\.lab`/,
    ),
    hint: expect.stringContaining('hadoop.http.max.request.header.size'),
  })
})
