/** What a broker signs: each record once, whatever could not be written for a while and whenever it was killed. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Checkpoints, openCheckpoints, runOf } from '../../src/broker/audit/checkpoints.ts'
import { addUnsigned } from '../../src/broker/audit/resume.ts'
import { readCheckpoints } from '../../src/io/audit/checkpoints.ts'
import { makeSigningKey, readTrustedKeys, signingKey } from '../../src/io/policy/bundle-keys.ts'
import { chained, NOON, start, writeLog } from '../io/audit/logs.ts'

let keys: Awaited<ReturnType<typeof readTrustedKeys>>
let key: Awaited<ReturnType<typeof signingKey>>
let root: string
let now: number

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-key-'))
  const { pem, publicJwk } = await makeSigningKey('EdDSA')
  key = await signingKey(pem, 'key.pem')
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [publicJwk] }))
  keys = await readTrustedKeys(join(folder, 'keys.json'))
  rmSync(folder, { recursive: true })
})
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kerbside-checkpoints-'))
  now = NOON
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const begin = (): Promise<Checkpoints> => openCheckpoints({ root, broker: 'broker-0', key, clock: () => now })
const chain = (name: string, count = 12) =>
  chained(
    name,
    Array.from({ length: count }, (_, at) => ({ at, entry: start(String(at)) })),
  )
const [a, b] = [chain('pod-a'), chain('pod-b')]

/** Signed parts as `pod-a 0-3`, in the order in which they were signed. */
async function signed(): Promise<readonly string[]> {
  const { bySidecar, faults } = await readCheckpoints(root, keys)
  expect(faults).toEqual([])
  return [...bySidecar.values()].flat().map(({ sidecar, from, to }) => `${sidecar} ${from}-${to}`)
}
const file = () => join(root, 'checkpoints', '2026-03-02.jws')

it('records that follow one another are one part, and a gap begins another', async () => {
  const checkpoints = await begin()
  checkpoints.add(runOf(a.records.slice(0, 2)))
  checkpoints.add(runOf(b.records.slice(0, 1)))
  checkpoints.add(runOf(a.records.slice(2, 4)))
  checkpoints.add(runOf(a.records.slice(7, 9)))
  await checkpoints.sign()
  // Nothing new is nothing to sign.
  await checkpoints.sign()
  expect(await signed()).toEqual(['pod-a 0-4', 'pod-a 7-9', 'pod-b 0-1'])
  expect(readFileSync(file(), 'utf8').split('\n')).toHaveLength(2)
})

it('what cannot be written waits, with what came meanwhile, and is signed once', async () => {
  const checkpoints = await begin()
  checkpoints.add(runOf(a.records.slice(0, 3)))
  rmSync(join(root, 'checkpoints'), { recursive: true })
  writeFileSync(join(root, 'checkpoints'), 'in the way')
  const signing = checkpoints.sign()
  checkpoints.add(runOf(b.records.slice(0, 2)))
  checkpoints.add(runOf(a.records.slice(3, 5)))
  await expect(signing).rejects.toMatchObject({ code: 'audit-unwritable' })
  rmSync(join(root, 'checkpoints'))
  await checkpoints.sign()
  expect(await signed()).toEqual(['pod-a 0-3', 'pod-a 3-5', 'pod-b 0-2'])
  expect(checkpoints.signedTo('pod-a')).toBe(5)
  checkpoints.add(runOf(a.records.slice(5, 6)))
  await checkpoints.sign()
  expect(await signed()).toEqual(['pod-a 0-3', 'pod-a 3-5', 'pod-a 5-6', 'pod-b 0-2'])
})

it('whoever begins again goes on after the last whole line, and follows from it', async () => {
  let checkpoints = await begin()
  checkpoints.add(runOf(a.records.slice(0, 3)))
  await checkpoints.sign()
  const line = readFileSync(file(), 'latin1')
  appendFileSync(file(), line.slice(0, 60))
  checkpoints = await begin()
  expect(checkpoints.signedTo('pod-a')).toBe(3)
  expect(checkpoints.signedTo('pod-b')).toBe(0)
  expect(checkpoints.lastAt).toBe(NOON)
  now += 86_400_000
  checkpoints.add(runOf(a.records.slice(3, 4)))
  await checkpoints.sign()
  checkpoints.add(runOf(a.records.slice(4, 5)))
  await checkpoints.sign()
  expect(await signed()).toEqual(['pod-a 0-3', 'pod-a 3-4', 'pod-a 4-5'])
  expect(readFileSync(file(), 'latin1')).toBe(line)
})

it('what was on disk and not signed when it was killed is signed by the next life, and nothing else', async () => {
  let checkpoints = await begin()
  checkpoints.add(runOf(a.records.slice(0, 3)))
  await checkpoints.sign()
  writeLog(root, 'pod-a', a.lines.slice(0, 8), 5)
  writeLog(root, 'pod-b', b.lines.slice(0, 2))
  checkpoints = await begin()
  await addUnsigned(root, checkpoints, expect.fail)
  await checkpoints.sign()
  expect(await signed()).toEqual(['pod-a 0-3', 'pod-a 3-8', 'pod-b 0-2'])
})
