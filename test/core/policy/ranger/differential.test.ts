/** The import against Ranger's own engine: nothing wider anywhere, and where the report says carried, both agree. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Action } from '../../../../src/core/policy/action.ts'
import { type Entry, isCarried } from '../../../../src/core/policy/ranger/entry.ts'
import { RANGER_EXPORT } from '../../../../src/core/policy/ranger/export.ts'
import { covers } from '../../../../src/core/policy/ranger/extent.ts'
import { importRanger } from '../../../../src/core/policy/ranger/import-ranger.ts'
import { readMapping } from '../../../../src/core/policy/ranger/principals.ts'
import { type RangerEngine, type RangerRequest, startRanger } from '../../../peers/ranger/engine.ts'
import { hdfs } from '../bundle-of.ts'
import { policyOf } from './imported-policy.ts'
import { ASKED, GROUPS, ranger, SUBJECTS, TIMES, USERS } from './random-exports.ts'

const EXPORTS = 200
const TIMES_EACH = 3
const ACCESSES = ['read', 'write', 'execute'] as const
/** A user of whom no export speaks. */
const STRANGER = 'zed'

let engines: readonly RangerEngine[]
beforeAll(async () => {
  // What a NameNode takes for local time must not matter.
  engines = [await startRanger({ zone: 'UTC' }), await startRanger({ zone: 'America/Los_Angeles' })]
}, 120_000)
afterAll(async () => {
  for (const engine of engines) await engine.stop()
})

type Person = { readonly user: string; readonly groups: readonly string[]; readonly isAsMapped: boolean }

/** Everybody a subject may be: as the mapping says, and also in groups of which the mapping does not speak. */
function peopleOf(subject: string, mapping: ReadonlyMap<string, readonly string[]>): readonly Person[] {
  const mapped = (kind: string, names: readonly string[]) =>
    names.filter((name) => mapping.get(`${kind}:${name}`)?.includes(subject) === true)
  const unspoken = (kind: string, names: readonly string[]) => names.filter((name) => !mapping.has(`${kind}:${name}`))
  const users = mapped('user', USERS)
  const groups = mapped('group', GROUPS)
  if (users.length === 0 && groups.length === 0) return []
  const known = users.length > 0 ? users : [STRANGER]
  const others = users.length > 0 ? [] : unspoken('user', USERS)
  return [
    ...known.map((user) => ({ user, groups, isAsMapped: true })),
    ...[...known, ...others].map((user) => ({
      ...{ user, isAsMapped: false },
      groups: [...groups, ...unspoken('group', GROUPS)],
    })),
  ]
}

const demands: Readonly<Record<'read' | 'write', readonly Action[]>> = {
  read: ['stat', 'list', 'read'],
  write: ['create', 'append', 'overwrite', 'mkdir', 'delete'],
}

const isWider = (entries: readonly Entry[], subject: string, path: string): boolean =>
  entries.some(
    ({ status, who, extents }) =>
      status === 'wider' && who === subject && extents.some((one) => covers(one, hdfs(path))),
  )

test(`${EXPORTS} random exports`, async () => {
  const counts = { questions: 0, exact: 0, exactlyAllowed: 0, subtrees: 0 }
  const wider: string[] = []
  const unequal: string[] = []
  for (const [number, { file, mapping: lines }] of fc.sample(ranger, { numRuns: EXPORTS, seed: 20260301 }).entries()) {
    const mapping = readMapping(lines)
    const naming = { cluster: 'lab', owner: 'platform', service: 'hdfs', includeBase: number % 2 === 0 }
    const imported = importRanger(RANGER_EXPORT.parse(file), { mapping, ...naming })
    const decide = policyOf(imported)
    const times = Array.from({ length: TIMES_EACH }, (_, index) => TIMES[(number * 7 + index * 31) % TIMES.length] ?? 0)
    const asked = SUBJECTS.flatMap((subject) =>
      peopleOf(subject, mapping).flatMap((person) =>
        times.flatMap((time) => ASKED.map((path) => ({ subject, person, time, path }))),
      ),
    )
    const requests = asked.flatMap(({ person: { user, groups }, time, path }) =>
      ACCESSES.map((access): RangerRequest => ({ user, groups, path, access, time })),
    )
    const engine = engines[number % engines.length]
    await engine?.load(file)
    const answers = (await engine?.decide(requests)) ?? []
    const given = new Map<string, boolean>()
    const keyOf = (one: (typeof asked)[number], preset: string) =>
      JSON.stringify([one.subject, one.person, one.time, one.path, preset])
    for (const [index, one] of asked.entries()) {
      const [read, write, execute] = [0, 1, 2].map((access) => answers[index * 3 + access]?.allowed === true)
      given.set(keyOf(one, 'read'), read === true && execute === true)
      given.set(keyOf(one, 'write'), read === true && write === true && execute === true)
    }
    for (const one of asked) {
      const { subject, person, time, path } = one
      const team = subject.slice('team:'.length)
      for (const preset of ['read', 'write'] as const) {
        const theirs = given.get(keyOf(one, preset)) === true
        const isExact = person.isAsMapped && isCarried(imported.entries, subject, hdfs(path))
        for (const action of demands[preset]) {
          const ours = decide(team, { action, path: hdfs(path), scope: 'this' }, time)
          // Our own law, above the export: see `importRanger`.
          if (ours.reason === 'ancestor' || ours.reason === 'protected-root') continue
          counts.questions++
          const said = () =>
            `${number}: ${JSON.stringify({ subject, person, path, time, action, theirs, ours: ours.effect, reason: ours.reason })}`
          if (ours.effect === 'allow' && !theirs && !isWider(imported.entries, subject, path)) wider.push(said())
          if (!isExact) continue
          counts.exact++
          if (theirs) counts.exactlyAllowed++
          if ((ours.effect === 'allow') !== theirs) unequal.push(said())
        }
        // As the NameNode walks a tree, by its own paths.
        const action = preset === 'read' ? 'list' : 'create'
        const below = ASKED.filter((other) => other === path || other.startsWith(path === '/' ? '/' : `${path}/`))
        const theirTree = below.every((other) => given.get(keyOf({ ...one, path: other }, preset)) === true)
        const ourTree = decide(team, { action, path: hdfs(path), scope: 'subtree' }, time).effect === 'allow'
        counts.subtrees++
        const said = () =>
          `${number}: ${JSON.stringify({ subject, person, path: `${path}/**`, time, action, theirTree, ourTree })}`
        const isWiderBelow = below.some((other) => isWider(imported.entries, subject, other))
        if (ourTree && !theirTree && !isWiderBelow) wider.push(said())
        const isExactBelow = isExact && below.every((other) => isCarried(imported.entries, subject, hdfs(other)))
        if (isExactBelow && ourTree !== theirTree) unequal.push(said())
      }
    }
  }
  process.stdout.write(
    `${JSON.stringify({ exports: EXPORTS, ...counts, wider: wider.length, unequal: unequal.length })}\n`,
  )
  expect(wider.slice(0, 5)).toEqual([])
  expect(unequal.slice(0, 5)).toEqual([])
  // A generator whose exports are never carried would prove nothing.
  expect(counts.exact).toBeGreaterThan(counts.questions / 10)
  expect(counts.exactlyAllowed).toBeGreaterThan(counts.exact / 50)
}, 600_000)
