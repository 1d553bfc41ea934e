/** KDCs that are dead or silent beside the real one, and a key that the real one refuses, over programs that each live for one try. */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { type SilentKdc, silentKdc } from './silent-kdc.ts'
import { codeOf, World } from './world.ts'

let world: World
let silent: SilentKdc
beforeAll(async () => {
  world = new World()
  silent = await silentKdc()
})
afterAll(() => {
  silent.close()
  world.remove()
})

test('a KDC that takes no connection, and one that takes it and says nothing, do not keep us from the third', async () => {
  const kdcs = ['127.0.0.1:1', silent.address, ...SLICE.cluster.kdcs]
  expect(await world.acquire({ cluster: { ...SLICE.cluster, kdcs } })).toMatchObject({ kvno: 1, warnings: [] })
})

test('a refused key is shown three times by whichever program, and not a fourth time; a new keytab at once', async () => {
  const refused = { principal: 'held-back@LAB', secret: 'hdfs/held-back' }
  await world.makePrincipal('held-back')
  await world.kadmin('cpw -randkey held-back')
  for (let time = 0; time < 3; time++) {
    await expect(world.acquire(refused)).rejects.toThrow(/^(?!.*shown 3 times)/)
  }
  await expect(world.acquire(refused)).rejects.toThrow('shown 3 times, the next time in 15 min')
  await world.storeKeytabOf('held-back')
  expect((await world.acquire(refused)).kvno).toBe(2)
  rmSync(world.files.refused, { force: true })
  expect(await codeOf(world.acquire(refused))).toBe('no error')
})
