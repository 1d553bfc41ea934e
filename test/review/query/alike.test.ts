/**
 * A month of operations put to another policy without being read one by one, beside the same with each of them put by itself: by
 * generated policies with hours, dates, sub-paths and nested datasets, over paths that are near misses of what those say.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import type { Asked } from '../../../src/core/audit/asked.ts'
import type { Entry } from '../../../src/core/audit/record.ts'
import { OPERATIONS } from '../../../src/core/hdfs/operations.ts'
import { ACTIONS } from '../../../src/core/policy/action.ts'
import type { Bundle } from '../../../src/core/policy/bundle.ts'
import { DAYS } from '../../../src/core/policy/decision/window.ts'
import { replaying } from '../../../src/core/policy/replay/replay.ts'
import { unusedOf } from '../../../src/core/policy/unused/unused.ts'
import { collectingUses } from '../../../src/core/policy/unused/uses.ts'
import { alikeSince } from '../../../src/review/query/answers/alike.ts'
import { namesIn } from '../../../src/review/query/policies-known.ts'
import { type Database, openDatabase } from '../../../src/review/query/store/database.ts'
import { keepTaking } from '../../../src/review/query/store/keep-taking.ts'
import { inBands, SEGMENT_FORMAT } from '../../../src/review/query/store/segments.ts'
import { bundleOf } from '../../core/policy/bundle-of.ts'
import { chained, NOON, writeLog } from '../../io/audit/logs.ts'
import { HOUR, NOW, SLOW, whoOf } from './written.ts'

const ALL = { of: 'all' } as const
const DAY = 24 * HOUR

/** Names that the policies below say, others that look like them, and what is no plain name. */
const known = fc.constantFrom('data', 'market', 'raw', '2026', 'team', '*', '**')
const part = fc.nat(9999).map((number) => `part-${number}`)
const strange = fc.oneof(
  { weight: 12, arbitrary: part },
  fc.constantFrom('salesforce', 'Data', 'markets', '.trash', 'a b', 'ü', 'é', '***'),
)
const odd = fc.constantFrom('.snapshot', '.', '..', '.reserved', '%41', 'a%2fb', 'x\ny', '', 'data;x')
const name = fc.oneof({ weight: 8, arbitrary: known }, { weight: 8, arbitrary: strange }, { weight: 1, arbitrary: odd })
const path = fc
  .tuple(fc.array(name, { maxLength: 3 }), fc.boolean())
  .map(([names, isClosed]) => `/${names.join('/')}${isClosed && names.length > 2 && names[0] === 'data' ? '/' : ''}`)

const pieces = (least: number) => fc.array(known, { minLength: least, maxLength: 3 }).map((names) => names.join('/'))
/** Half of them within one hour, so that what is alike in all but time is on both sides of what turns in it. */
const moment = fc.oneof(fc.integer({ min: NOW - 3 * DAY, max: NOW }), fc.integer({ min: NOW - HOUR, max: NOW - 1 }))
const window = fc.record({
  days: fc.subarray([...DAYS], { minLength: 1 }),
  fromMinute: fc.constantFrom(0, 480, 510),
  toMinute: fc.constantFrom(300, 1080, 1095, 1440),
  zone: fc.constantFrom('UTC', 'Asia/Kolkata'),
})
const grant = fc.record(
  {
    datasets: fc.subarray(['one', 'two', 'three'], { minLength: 1 }),
    actions: fc.subarray([...ACTIONS], { minLength: 1 }),
    effect: fc.constantFrom('allow' as const, 'allow' as const, 'deny' as const),
    teams: fc.subarray(['quant', 'climate'], { minLength: 1 }),
    paths: fc.array(pieces(1), { maxLength: 1 }),
    startsAt: moment,
    expiresAt: moment,
    during: window,
  },
  { requiredKeys: ['datasets', 'actions', 'effect', 'teams'] },
)
const bundle = fc
  .tuple(
    fc.uniqueArray(pieces(0), { minLength: 3, maxLength: 3 }),
    fc.array(grant, { minLength: 1, maxLength: 5 }),
    fc.boolean(),
  )
  .map(([[one = '', two = '', three = ''], grants, protect]): Bundle => {
    const datasets = { one: [`/${one}`], two: [`/${two}`], three: [`/${three}`] }
    return bundleOf(
      Object.fromEntries(Object.entries(datasets).map(([of, prefixes]) => [of, { prefixes, protect }])),
      grants,
    )
  })

const reason = fc.constantFrom(
  'no-grant',
  'control-character',
  'file-too-large',
  'snapshot-path',
  'denied-by-grant' as const,
)
const parameters = fc.record(
  {
    recursive: fc.constantFrom('true', 'false'),
    overwrite: fc.constantFrom('true', 'false'),
    renameoptions: fc.constantFrom('OVERWRITE', 'NONE'),
    sources: path,
  },
  { requiredKeys: [] },
)
const done = fc
  .record({
    team: fc.constantFrom('quant', 'climate', 'nobody'),
    operation: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom('OPEN', 'LISTSTATUS', 'DELETE', 'RENAME') },
      { weight: 1, arbitrary: fc.constantFrom(...OPERATIONS.map((row) => row.name), 'NOSUCH') },
    ),
    path,
    destination: fc.option(path, { nil: undefined }),
    parameters: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, parameters),
    refused: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, reason),
    ofTest: fc.boolean(),
    at: moment,
  })
  .filter(({ operation: of, destination }) => (of === 'RENAME') === (destination !== undefined))

type Done = typeof done extends fc.Arbitrary<infer T> ? T : never
const IDENTITY = new Map([
  ['quant', 'quant-research'],
  ['climate', 'climate-models'],
])

/** These as records, a few pods' worth. */
function recorded(operations: readonly Done[]): readonly Asked[] {
  return operations.map((one, index): Asked => {
    const { team, path: at, destination, parameters, refused, ofTest, operation: of } = one
    return {
      ...{ at: one.at, sidecar: `pod-${index % PODS}`, sequence: Math.floor(index / PODS) },
      who: whoOf(team, { identity: IDENTITY.get(team) ?? 'gone' }),
      what: {
        ...{ operation: of, path: at },
        ...(destination === undefined ? {} : { destination }),
        ...(parameters === undefined ? {} : { parameters }),
      },
      why: {
        ...(refused === undefined ? { effect: 'allow', reason: 'granted' } : { effect: 'deny', reason: refused }),
        ...{ grants: [], bundle: ofTest ? 'sha256:test' : 'sha256:other' },
      },
    }
  })
}
const PODS = 4

/** A store with these in it, in files and in the tail: counted at first by these names, and then again by those. */
async function storeOf(asked: readonly Asked[], names: readonly ReadonlySet<string>[]): Promise<Database> {
  const root = await mkdtemp(join(tmpdir(), 'kerbside-alike-'))
  const directory = join(root, 'audit')
  await mkdir(directory)
  const database = await openDatabase(join(root, 'cache'), directory)
  onTestFinished(async () => {
    await database.close()
    await rm(root, { recursive: true, force: true })
  })
  for (const [sidecar, all] of Map.groupBy(asked, (one) => one.sidecar)) {
    const entries = all.map(({ at, who, what, why }) => {
      const start = { kind: 'start', who, what: { operationId: 'x', ...what }, why } as Entry
      return { entry: start, at: at - NOON }
    })
    writeLog(directory, sidecar, chained(sidecar, entries).lines)
  }
  for (const [index, by] of names.entries()) {
    const taking = keepTaking(database, { directory, parquet: [], everyMs: 1e9, names: async () => by })
    await taking.look()
    expect(taking.intake().problem).toBeUndefined()
    await taking.stop()
    if (index === 0) await settleHalf(database)
  }
  return database
}

/** As a long tail is settled, which these are too few for. */
async function settleHalf(database: Database): Promise<void> {
  const file = join(database.cache, '1-1.parquet')
  await database.writing(async ({ ask }) => {
    await ask(`COPY (${inBands(`tail WHERE ${IS_HALF}`)}) TO $file ${SEGMENT_FORMAT}`, { file })
    await ask(
      'INSERT INTO segments SELECT $file, count(*), 1, min(epoch_ms(time)), max(epoch_ms(time)), true FROM read_parquet($file)',
      { file },
    )
    await ask(`DELETE FROM tail WHERE ${IS_HALF}`)
  })
}
const IS_HALF = "sidecar IN ('pod-0', 'pod-1')"

const told = (replay: ReturnType<typeof replaying>) => {
  const { groups, ...rest } = replay.result()
  const all = groups.map(({ example, ...group }) => JSON.stringify([group, example.now.reason !== '']))
  return { ...rest, groups: all.sort() }
}

const OPERATIONS_PUT = 1000
test('kinds of operations are decided as each of them is: by any policy, and at any time', SLOW, async () => {
  const asked = recorded(fc.sample(done, { numRuns: OPERATIONS_PUT, seed: 5 }))
  const policies = fc.sample(bundle, { numRuns: 12, seed: 11 })
  const names = policies.map(namesIn)
  const database = await storeOf(asked, [names[0] ?? new Set(), new Set(names.flatMap((some) => [...some]))])
  const settled = await database.reading(({ segments }) => Promise.resolve(segments.map(({ records }) => records)))
  expect(settled).toEqual([OPERATIONS_PUT / 2])
  const seen = { groups: 0, kinds: 0 }
  for (const by of policies) {
    const all = { bundle: by, since: 0, scope: ALL, teams: undefined }
    const kinds = await database.reading((asking) => alikeSince(asking, all))
    const [ours, each] = [replaying(by), replaying(by)]
    for (const { asked: one, alike } of kinds ?? []) ours.take(one, () => '', alike)
    for (const one of asked) each.take(one, () => '')
    expect(told(ours)).toEqual(told(each))
    const [uses, used] = [collectingUses(by), collectingUses(by)]
    for (const { asked: one, alike } of kinds ?? []) uses.take({ ...one, at: alike.last })
    for (const one of asked) used.take(one)
    // Coverage is of chains, and asked for by itself.
    const unusedBy = (found: typeof uses) =>
      unusedOf(by, { ...found.result(), logs: new Map(), records: 0 }, NOW - 2 * DAY)
    expect(unusedBy(uses)).toEqual(unusedBy(used))
    seen.groups += each.result().groups.length
    seen.kinds += kinds?.length ?? 0
  }
  // Otherwise nothing was put together, or nothing would have been changed.
  expect(seen.kinds).toBeLessThan(asked.length * policies.length * 0.9)
  expect(seen.groups).toBeGreaterThan(100)
})

test('while records are counted by the names of a policy that is new, there is no answer by them', SLOW, async () => {
  const asked = recorded(fc.sample(done, { numRuns: 50, seed: 6 }))
  const [old, fresh] = [
    bundleOf({ one: { prefixes: ['/data'] } }, []),
    bundleOf({ one: { prefixes: ['/data/new'] } }, []),
  ]
  const database = await storeOf(asked, [namesIn(old)])
  const answerBy = (by: Bundle) =>
    database.reading((asking) => alikeSince(asking, { bundle: by, since: 0, scope: ALL, teams: undefined }))
  expect(await answerBy(old)).toBeDefined()
  expect(await answerBy(fresh)).toBeUndefined()
  await database.writing(({ ask }) => ask('UPDATE segments SET is_counted = false'))
  await database.writing(({ ask }) => ask("INSERT INTO segments VALUES ('x', 0, 0, 0, 0, false)"))
  expect(await answerBy(old)).toBeUndefined()
})
