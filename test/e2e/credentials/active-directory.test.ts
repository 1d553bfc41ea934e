/** What accounts and keytabs of Active Directory are like, on MIT's KDC: keys without a number, and accounts that have none but RC4. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readKeytab } from '../../../src/core/kerberos/keytab.ts'
import { World } from './world.ts'

let world: World
beforeAll(() => {
  world = new World()
})
afterAll(async () => {
  await world.kadmin('delprinc -force windows')
  world.remove()
})

const WHO = { principal: 'windows@LAB', secret: 'hdfs/windows' }
const RC4 = '-e arcfour-hmac:normal'

/** The principal's present key as an administrator writes it. */
async function exported(): Promise<Buffer> {
  await world.storeKeytabOf('windows')
  return readFileSync(join(world.store.storeMount, WHO.secret, 'keytab'))
}

/** As `ktpass /kvno 0` writes it: both places of the number (MIT, doc/formats/keytab_file_format.rst) are zero. */
function withoutNumbers(keytab: Uint8Array): Buffer {
  const bytes = Buffer.from(keytab)
  for (let at = 2; at < bytes.length; ) {
    const next = at + 4 + bytes.readInt32BE(at)
    let field = at + 4
    const parts = bytes.readUInt16BE(field) + 1
    field += 2
    for (let part = 0; part < parts; part++) field += 2 + bytes.readUInt16BE(field)
    const number = field + 4 + 4
    bytes.writeUInt8(0, number)
    const keyEnds = number + 1 + 2 + 2 + bytes.readUInt16BE(number + 3)
    if (next - keyEnds >= 4) bytes.writeUInt32BE(0, keyEnds)
    at = next
  }
  return bytes
}

test('a keytab whose keys say kvno 0 logs in, whatever number the KDC has, and it is said', async () => {
  await world.makePrincipal('windows')
  await world.kadmin('cpw -randkey windows', 'modprinc +requires_preauth windows')
  const keytab = withoutNumbers(await exported())
  expect(new Set(readKeytab(keytab).map(({ kvno }) => kvno))).toEqual(new Set([0]))
  world.put(`${WHO.secret}/keytab`, keytab)
  const { kvno, warnings } = await world.acquire(WHO)
  expect([kvno, warnings]).toEqual([0, [expect.stringContaining('says kvno 0')]])
})

test('a keytab that has none but RC4 is refused by name, with advice, and no KDC is asked', async () => {
  await world.makePrincipal('windows')
  await world.kadmin(`cpw -randkey ${RC4} windows`)
  await exported()
  await expect(world.acquire(WHO)).rejects.toMatchObject({
    code: 'keytab-malformed',
    message: 'the newest key of `windows@LAB` (kvno 2) is arcfour-hmac, which is refused',
    hint: 'give the principal an AES key and write the keytab anew',
  })
})

test.each(['+requires_preauth', '-requires_preauth'])(
  'an account that has none but RC4 is told by the KDC, and passed on with the same advice (%s)',
  async (preauth) => {
    await world.makePrincipal('windows')
    await world.kadmin(`cpw -randkey ${RC4} windows`, `modprinc ${preauth} windows`)
    await expect(world.acquire(WHO)).rejects.toMatchObject({
      code: 'kerberos-refused',
      message: expect.stringContaining('KDC and keytab have no encryption type in common'),
      hint: 'give the principal an AES key and write the keytab anew',
    })
  },
)
