/** What a broker signs: each record once, whatever could not be written for a while and whenever it was killed. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Checkpoints, openCheckpoints, runOf } from '../../src/broker/audit/checkpoints.ts'
import { addUnsigned } from '../../src/broker/audit/resume.ts'
import { signedBefore } from '../../src/broker/audit/signed-before.ts'
import { hashOfLine, readCheckpoints } from '../../src/io/audit/checkpoints.ts'
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
/** How far both chains are signed, says whoever begins again. */
const signedTo = async ({ before }: Checkpoints, day = '') =>
  Object.fromEntries(
    await before.signedTo(
      new Map([
        ['pod-a', day],
        ['pod-b', day],
      ]),
    ),
  )
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
  expect(await signedTo(await begin())).toEqual({ 'pod-a': 5, 'pod-b': 2 })
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
  expect(await signedTo(checkpoints)).toEqual({ 'pod-a': 3 })
  expect(checkpoints.before.lastAt).toBe(NOON)
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

describe('who begins again after a long time', () => {
  const DAY_MS = 86_400_000
  const folder = () => join(root, 'checkpoints')

  /** A checkpoint a day, of one record each: of the one chain on all of them, of the other on the first two. */
  beforeEach(async () => {
    for (let day = 0; day < 4; day += 1) {
      const checkpoints = await begin()
      checkpoints.add(runOf(a.records.slice(day, day + 1)))
      if (day < 2) checkpoints.add(runOf(b.records.slice(day, day + 1)))
      await checkpoints.sign()
      now += DAY_MS
    }
  })

  it('finds how far each chain is signed, and looks no further back than its first day', async () => {
    const checkpoints = await begin()
    expect(await signedTo(checkpoints)).toEqual({ 'pod-a': 4, 'pod-b': 2 })
    expect(await signedTo(checkpoints, '2026-03-03')).toEqual({ 'pod-a': 4, 'pod-b': 2 })
    expect(await signedTo(checkpoints, '2026-03-04')).toEqual({ 'pod-a': 4 })
    // Of days before, nothing is read: they may be anything by now.
    writeFileSync(join(folder(), '2026-03-02.jws'), 'x'.repeat(99))
    expect(await signedTo(await begin(), '2026-03-03')).toEqual({ 'pod-a': 4, 'pod-b': 2 })
    expect(readFileSync(join(folder(), '2026-03-02.jws'), 'utf8')).toBe('x'.repeat(99))
  })

  it('names the newest line as it stands, whether or not it can be read', async () => {
    const line = () => readFileSync(join(folder(), '2026-03-05.jws'), 'latin1').trimEnd()
    const said = () => signedBefore(folder(), () => {})
    expect(await said()).toMatchObject({ number: 4, previous: hashOfLine(line()), lastAt: NOON + 3 * DAY_MS })
    writeFileSync(join(folder(), '2026-03-05.jws'), `${line()}\nx\ny\n`)
    expect(await said()).toMatchObject({ number: 6, previous: hashOfLine('y'), lastAt: NOON + 3 * DAY_MS })
    writeFileSync(join(folder(), '2026-03-05.jws'), 'x\n')
    expect(await said()).toMatchObject({ number: 4, previous: hashOfLine('x'), lastAt: NOON + 2 * DAY_MS })
  })

  it('of several on one day the newest counts', async () => {
    now -= DAY_MS
    const checkpoints = await begin()
    checkpoints.add(runOf(a.records.slice(4, 6)))
    await checkpoints.sign()
    expect(await signedTo(await begin())).toEqual({ 'pod-a': 6, 'pod-b': 2 })
  })

  it('looks again at what was written when the last checkpoint was, by a disk whose clock is a little behind', async () => {
    writeLog(root, 'pod-a', a.lines.slice(0, 6))
    const signedAt = (NOON + 3 * DAY_MS) / 1000
    for (const [behindSeconds, to] of [
      [1000, undefined],
      [60, 6],
    ] as const) {
      utimesSync(join(root, 'pod-a-0.ndjson'), signedAt - behindSeconds, signedAt - behindSeconds)
      const checkpoints = await begin()
      await addUnsigned(root, checkpoints, expect.fail)
      await checkpoints.sign()
      expect(await signedTo(await begin())).toMatchObject({ 'pod-a': to ?? 4 })
    }
  })

  it.each([
    ['the newest', '2026-03-05.jws', ['2026-03-05.jws']],
    ['one that is not the newest', '2026-03-03.jws', []],
  ] as const)(
    'goes on where %s was damaged, says so, and only that one is no proof any more',
    async (_, name, told) => {
      const at = join(folder(), name)
      const before = readFileSync(at, 'latin1')
      writeFileSync(at, before.replace(/\.[^.]{8}/, '.AAAAAAAA'))
      const damaged: string[] = []
      const onDamaged = (one: string) => void damaged.push(one)
      const checkpoints = await openCheckpoints({ root, broker: 'broker-0', key, clock: () => now, onDamaged })
      checkpoints.add(runOf(a.records.slice(4, 5)))
      await checkpoints.sign()
      expect(damaged).toEqual(told)
      const { faults } = await readCheckpoints(root, keys)
      expect(faults).toMatchObject([{ file: `checkpoints/${name}`, line: 1, fault: 'not-signed' }])
      // The next one follows from the line as it stood: that the newest is another one again is found as well.
      writeFileSync(at, before)
      const whole = await readCheckpoints(root, keys)
      expect(whole.faults).toEqual(
        name === '2026-03-05.jws' ? [expect.objectContaining({ fault: 'out-of-order' })] : [],
      )
    },
  )
})

it('of a log of many segments only those are read again that reach beyond what is signed', async () => {
  let checkpoints = await begin()
  checkpoints.add(runOf(a.records.slice(0, 7)))
  await checkpoints.sign()
  writeLog(root, 'pod-a', a.lines, 3)
  for (const number of [0, 1]) writeFileSync(join(root, `pod-a-${number}.ndjson`), `${a.lines[number * 3]}\n{}\n`)
  checkpoints = await begin()
  await addUnsigned(root, checkpoints, expect.fail)
  await checkpoints.sign()
  expect(await signed()).toEqual(['pod-a 0-7', 'pod-a 7-12'])
})

it('behind what is signed, a line that is no record is told as well, and once', async () => {
  let checkpoints = await begin()
  checkpoints.add(runOf(a.records.slice(0, 3)))
  await checkpoints.sign()
  writeLog(root, 'pod-a', [...a.lines.slice(0, 3), 'no record', ...a.lines.slice(3, 5)])
  checkpoints = await begin()
  const told: string[] = []
  await addUnsigned(root, checkpoints, (file) => told.push(file))
  expect(told).toEqual(['pod-a-0.ndjson'])
})
