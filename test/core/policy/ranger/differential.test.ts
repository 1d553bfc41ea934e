/** The import against Ranger's own engine: nothing wider anywhere, and where the report says carried, both agree. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HdfsPath } from '../../../../src/core/hdfs/path.ts'
import type { Action } from '../../../../src/core/policy/action.ts'
import type { Decision } from '../../../../src/core/policy/decision/decision.ts'
import type { Demand } from '../../../../src/core/policy/decision/demand.ts'
import { type Entry, isCarried } from '../../../../src/core/policy/ranger/entry.ts'
import { RANGER_EXPORT } from '../../../../src/core/policy/ranger/export.ts'
import { covers } from '../../../../src/core/policy/ranger/extent.ts'
import { type Imported, importRanger } from '../../../../src/core/policy/ranger/import-ranger.ts'
import { readMapping } from '../../../../src/core/policy/ranger/principals.ts'
import { type RangerEngine, startRanger } from '../../../peers/ranger/engine.ts'
import { hdfs } from '../bundle-of.ts'
import { policyOf } from './imported-policy.ts'
import { ASKED, GROUPS, ranger, SUBJECTS, TIMES, USERS } from './random-exports.ts'

const EXPORTS = 3000
const SEED = 20260301
const TIMES_EACH = 2
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

const DEMANDS: Readonly<Record<'read' | 'write', readonly Action[]>> = {
  read: ['stat', 'list', 'read'],
  write: ['create', 'append', 'overwrite', 'mkdir', 'delete'],
}

const isWider = (entries: readonly Entry[], subject: string, path: HdfsPath): boolean =>
  entries.some(
    ({ status, who, extents }) => status === 'wider' && who === subject && extents.some((one) => covers(one, path)),
  )

/** Indexes in {@link ASKED} of a path and of all below it: a tree, as the NameNode walks it. */
const TREES = ASKED.map((top) =>
  ASKED.flatMap((path, index) => (path === top || path.startsWith(top === '/' ? '/' : `${top}/`) ? [index] : [])),
)
const PATHS = ASKED.map(hdfs)

type Counts = { questions: number; exact: number; exactlyAllowed: number; subtrees: number }
type Findings = { readonly wider: string[]; readonly unequal: string[]; readonly counts: Counts }
type Scene = { readonly subject: string; readonly person: Person; readonly time: number }
type Theirs = { readonly read: boolean; readonly write: boolean }
type Sides = {
  readonly number: number
  readonly theirs: readonly Theirs[]
  readonly imported: Imported
  readonly decide: ReturnType<typeof policyOf>
}

/** One subject at one moment: what Ranger says of every path to one of its people, beside what our documents say. */
function compare(
  { counts, wider, unequal }: Findings,
  scene: Scene,
  { number, theirs, imported, decide }: Sides,
): void {
  const { subject, person, time } = scene
  const team = subject.slice('team:'.length)
  const isExactAt = PATHS.map((path) => person.isAsMapped && isCarried(imported.entries, subject, path))
  const isWiderAt = PATHS.map((path) => isWider(imported.entries, subject, path))
  const tell = (demand: Demand, allowed: boolean, ours: Decision) =>
    JSON.stringify({ number, ...scene, demand, theirs: allowed, ours: ours.effect, reason: ours.reason })

  for (const [at, path] of PATHS.entries()) {
    for (const preset of ['read', 'write'] as const) {
      const allowed = theirs[at]?.[preset] === true
      // Each action in its turn: a preset is allowed or denied as a whole.
      for (const action of [DEMANDS[preset][(at + number) % DEMANDS[preset].length] ?? 'read']) {
        const demand = { action, path, scope: 'this' } as const
        const ours = decide(team, demand, time)
        // Our own law, above the export: see `importRanger`.
        if (ours.reason === 'ancestor' || ours.reason === 'protected-root') continue
        counts.questions++
        if (ours.effect === 'allow' && !allowed && isWiderAt[at] !== true) wider.push(tell(demand, allowed, ours))
        if (isExactAt[at] !== true) continue
        counts.exact++
        if (allowed) counts.exactlyAllowed++
        if ((ours.effect === 'allow') !== allowed) unequal.push(tell(demand, allowed, ours))
      }
      const demand = { action: preset === 'read' ? 'list' : 'create', path, scope: 'subtree' } as const
      const tree = TREES[at] ?? []
      const theirTree = tree.every((below) => theirs[below]?.[preset] === true)
      const ours = decide(team, demand, time)
      counts.subtrees++
      const isWiderBelow = tree.some((below) => isWiderAt[below] === true)
      if (ours.effect === 'allow' && !theirTree && !isWiderBelow) wider.push(tell(demand, theirTree, ours))
      const isExactBelow = tree.every((below) => isExactAt[below] === true)
      if (isExactBelow && (ours.effect === 'allow') !== theirTree) unequal.push(tell(demand, theirTree, ours))
    }
  }
}

/** For each scene what Ranger allows on each path, in the sense of our two presets. */
async function ask(engine: RangerEngine, { people, times }: Asked): Promise<readonly (readonly Theirs[])[]> {
  const allowed = await engine.grid({ people, times, paths: PATHS, accesses: ACCESSES })
  return Array.from({ length: people.length * times.length }, (_, scene) =>
    PATHS.map((_path, path) => {
      const from = (scene * PATHS.length + path) * ACCESSES.length
      const [read = false, write = false, execute = false] = allowed.slice(from, from + ACCESSES.length)
      return { read: read && execute, write: read && write && execute }
    }),
  )
}

type Asked = { readonly people: readonly Person[]; readonly times: readonly number[] }

test(`${EXPORTS} random exports allow nothing more here, and the same where they are carried`, async () => {
  const counts: Counts = { questions: 0, exact: 0, exactlyAllowed: 0, subtrees: 0 }
  const findings: Findings = { wider: [], unequal: [], counts }
  for (const [number, { file, mapping: lines }] of fc.sample(ranger, { numRuns: EXPORTS, seed: SEED }).entries()) {
    const mapping = readMapping(lines)
    const naming = { cluster: 'lab', owner: 'platform', service: 'hdfs', includeBase: number % 2 === 0 }
    const imported = importRanger(RANGER_EXPORT.parse(file), { mapping, ...naming })
    const decide = policyOf(imported)
    const times = Array.from({ length: TIMES_EACH }, (_, index) => TIMES[(number * 7 + index * 31) % TIMES.length] ?? 0)
    const engine = engines[number % engines.length]
    if (engine === undefined) throw new Error('no engine')
    await engine.load(file)
    for (const subject of SUBJECTS) {
      const people = peopleOf(subject, mapping)
      const answers = await ask(engine, { people, times })
      const scenes = people.flatMap((person) => times.map((time) => ({ subject, person, time })))
      for (const [index, scene] of scenes.entries()) {
        compare(findings, scene, { number, theirs: answers[index] ?? [], imported, decide })
      }
    }
  }
  const { wider, unequal } = findings
  process.stdout.write(
    `${JSON.stringify({ exports: EXPORTS, ...counts, wider: wider.length, unequal: unequal.length })}\n`,
  )
  expect(wider.slice(0, 5)).toEqual([])
  expect(unequal.slice(0, 5)).toEqual([])
  // A generator whose exports are never carried would prove nothing.
  expect(counts.exact).toBeGreaterThan(counts.questions / 10)
  expect(counts.exactlyAllowed).toBeGreaterThan(counts.exact / 50)
}, 600_000)
