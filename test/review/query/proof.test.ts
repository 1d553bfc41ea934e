/** What the page says is proved of a record, whatever was done to the log after it was taken in and countersigned. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeSigningKey } from '../../../src/io/policy/bundle-keys.ts'
import { type OpenQuestions, openQuestions } from '../../../src/review/query/open.ts'
import type { Proof } from '../../../src/review/query/record.ts'
import { BROKER, countersign } from '../../broker/countersign.ts'
import { chained, NOON, start, writeLog } from '../../io/audit/logs.ts'

const folder = mkdtempSync(join(tmpdir(), 'kerbside-proof-'))
const [audit, cache] = [join(folder, 'audit'), join(folder, 'cache')]
const log = join(audit, BROKER)

const entries = (paths: Readonly<Record<number, string>> = {}) =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((at) => ({
    at,
    entry: start(String(at), { what: { path: paths[at] ?? `/data/${at}` } }),
  }))
const { lines: LINES } = chained('pod-a', entries())
/** What somebody writes who may write the file, and knows how a chain is made. */
const { lines: FORGED } = chained('pod-a', entries({ 3: '/data/harmless' }))
const changed = (number: number) => LINES.with(number, LINES[number]?.replace('/data/', '/other/') ?? '')
const without = (number: number) => LINES.toSpliced(number, 1)

let withKeys: OpenQuestions
let withOthers: OpenQuestions

beforeAll(async () => {
  for (const made of [audit, log, cache, join(folder, 'other-cache')]) mkdirSync(made)
  // All but the last are countersigned.
  writeLog(log, 'pod-a', LINES.slice(0, 7))
  const keysFile = await countersign(audit, folder)
  const othersFile = join(folder, 'other-keys.json')
  writeFileSync(othersFile, JSON.stringify({ keys: [(await makeSigningKey('EdDSA')).publicJwk] }))
  writeLog(log, 'pod-a', LINES)
  const ask = (at: string, keysFile: string) =>
    openQuestions({
      ...{ directory: audit, cache: at, clock: () => NOON },
      checkpoints: { directory: audit, keysFile },
    })
  withKeys = await ask(cache, keysFile)
  withOthers = await ask(join(folder, 'other-cache'), othersFile)
  for (const asking of [withKeys, withOthers]) await asking.look()
})
afterAll(async () => {
  await Promise.all([withKeys?.close(), withOthers?.close()])
  rmSync(folder, { recursive: true, force: true })
})

async function proofOf(sequence: number, { questions } = withKeys): Promise<Proof | undefined> {
  return (await questions.record({ sidecar: 'pod-a', sequence }, { of: 'all' }))?.proof
}

it.each([
  ['nobody touched it', LINES, 'holds', 'holds', 'holds', true],
  ['it was changed', changed(3), 'broken', 'broken', 'broken', false],
  ['its line was taken away', without(3), 'missing', 'missing', 'missing', false],
  ['the line before was changed', changed(2), 'holds', 'broken', 'holds', false],
  ['the line after was changed', changed(4), 'holds', 'holds', 'broken', false],
  ['the line before was taken away', without(2), 'holds', 'missing', 'holds', false],
  ['the line after was taken away', without(4), 'holds', 'holds', 'missing', false],
  [
    'it was replaced by another with a hash of its own',
    LINES.with(3, FORGED[3] ?? ''),
    'holds',
    'holds',
    'broken',
    false,
  ],
  ['it was replaced, and all after it made to fit', FORGED, 'holds', 'holds', 'holds', false],
  ['one was changed that was countersigned with it', changed(0), 'holds', 'holds', 'holds', false],
  ['all after it was cut off', LINES.slice(0, 4), 'holds', 'holds', 'newest', false],
] as const)('where %s', async (_, lines, hash, before, after, isSigned) => {
  writeLog(log, 'pod-a', lines)
  const proof = await proofOf(3)
  writeLog(log, 'pod-a', LINES)
  expect(proof).toMatchObject({
    hash,
    before,
    after,
    signed: { by: `${BROKER} number 0`, from: 0, to: 7, holds: isSigned },
  })
})

it('of the first and the newest, and of one that nobody countersigned yet', async () => {
  expect(await proofOf(0)).toMatchObject({
    hash: 'holds',
    before: 'beginning',
    after: 'holds',
    signed: { holds: true },
  })
  expect(await proofOf(6)).toMatchObject({ before: 'holds', after: 'holds', signed: { holds: true } })
  expect(await proofOf(7)).toEqual({ hash: 'holds', before: 'holds', after: 'newest' })
})

it('a first record that says that there was one before it is not the first one', async () => {
  const { lines } = chained('pod-a', [...entries(), { at: 8, entry: start('8') }])
  writeLog(log, 'pod-a', [lines[1]?.replace('"sequence":1', '"sequence":0') ?? '', ...LINES.slice(1)])
  const proof = await proofOf(0)
  writeLog(log, 'pod-a', LINES)
  expect(proof).toMatchObject({ before: 'broken' })
})

it('nothing is countersigned by a key that is not among those that are trusted', async () => {
  expect(await proofOf(3, withOthers)).toEqual({ hash: 'holds', before: 'holds', after: 'holds' })
})
