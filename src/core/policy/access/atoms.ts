/** The differences of one identity at one point: each action that differs, with when it was and is allowed, and by which grants. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Action } from '../action.ts'
import { under } from '../places.ts'
import type { CauseRef, Direction, Witness } from './change.ts'
import { actionsOf, type Comparing, causesOf, type Differing, EQUAL, type Found, type Pair } from './compare.ts'
import type { Point } from './points.ts'
import { type ActionSet, bit, doesAny, LOOKING, listOf, setOf } from './situations.ts'
import { ALWAYS, conditionOf, NEVER, whenAllowed } from './words.ts'

export type Atom = {
  readonly kind: 'access' | 'root' | 'look'
  readonly direction: Direction
  readonly actions: readonly Action[]
  readonly was: string
  readonly is: string
  readonly causes: readonly CauseRef[]
  readonly witness?: Omit<Witness, 'identity'>
}

type Given = {
  readonly comparing: Comparing
  readonly from: number
  /** Whether a path is one where something changes. */
  readonly isPoint: (path: HdfsPath) => boolean
}

export function atomsOf(point: Point, given: Given): readonly Atom[] {
  const compared = given.comparing.compare(point.pair)
  if (compared === EQUAL) return []
  const { within, root, isWhole } = compared
  const atoms = [
    ...(point.isPlace ? found(point, within, 'access', given) : []),
    ...found(point, only(root, ~LOOKING), 'root', given),
    ...found(point, only(root, LOOKING), 'look', given),
  ]
  return isWhole ? atoms : [...atoms, changed(point)]
}

const only = ({ gained, lost }: Found, set: ActionSet): Found => {
  const narrow = (list: readonly Differing[]) =>
    list.flatMap(({ situation, actions }) => ((actions & set) === 0 ? [] : [{ situation, actions: actions & set }]))
  return { gained: narrow(gained), lost: narrow(lost) }
}

function found(point: Point, differing: Found, kind: Atom['kind'], given: Given): readonly Atom[] {
  const atoms = new Map<string, Atom & { actions: Action[] }>()
  for (const direction of ['gained', 'lost'] as const) {
    for (const actions of alike(point.pair, actionsOf(differing[direction]))) {
      const [action] = actions
      if (action === undefined) continue
      const one = oneAction(point, { differing: differing[direction], direction, action, kind }, given)
      const key = JSON.stringify([direction, one.was, one.is, one.causes])
      const known = atoms.get(key)
      if (known === undefined) atoms.set(key, { ...one, actions: [...actions] })
      else known.actions.push(...actions)
    }
  }
  return [...atoms.values()].map((atom) => ({ ...atom, actions: listOf(setOf(atom.actions)) }))
}

/** Actions that stand in the same grants: whatever is said of one of them is said of all. */
function alike({ before, after }: Pair, set: ActionSet): readonly (readonly Action[])[] {
  const grants = [before, after].flatMap(({ reach }) => [...reach.allows, ...reach.denies])
  const groups = new Map<string, Action[]>()
  for (const action of listOf(set)) {
    const it = bit(action)
    let key = ''
    for (const grant of grants) key += doesAny(grant, it) ? 'y' : 'n'
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [action])
    else group.push(action)
  }
  return [...groups.values()]
}

type One = {
  readonly differing: readonly Differing[]
  readonly direction: 'gained' | 'lost'
  readonly action: Action
  readonly kind: Atom['kind']
}

/** More would only name the same grants again. */
const MOST_LOOKED_AT = 50

function oneAction({ path, pair }: Point, { differing, direction, action, kind }: One, { from, isPoint }: Given): Atom {
  const these = differing.filter(({ actions }) => (actions & bit(action)) !== 0)
  const first = these[0]?.situation
  const causes = these.slice(0, MOST_LOOKED_AT).flatMap(({ situation }) => {
    return kind === 'access' ? causesOf(pair, direction, { situation, actions: bit(action) }) : []
  })
  const refs = causes
    .map(({ side, grant: { name, at, effect } }): CauseRef => ({ side, effect, name, at }))
    .sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0))
  return {
    kind,
    direction,
    actions: [action],
    ...when(pair, kind, action, from),
    causes: [...new Map(refs.map((ref) => [JSON.stringify(ref), ref])).values()],
    ...(first === undefined
      ? {}
      : {
          witness: {
            path: kind === 'access' ? inside(path, isPoint) : path,
            action,
            time: first.moment.time,
            pod: first.pod,
          },
        }),
  }
}

/** A path that belongs to the region, and is not its root. */
function inside(path: HdfsPath, isPoint: Given['isPoint'], name = 'new'): HdfsPath {
  const child = under(path, name)
  return isPoint(child) ? inside(path, isPoint, `${name}-new`) : child
}

function when({ before, after }: Pair, kind: Atom['kind'], action: Action, from: number): { was: string; is: string } {
  const say = ({ reach, isProtected, leading }: Pair['before']): string => {
    const granted = kind === 'root' && isProtected ? NEVER : whenAllowed(reach, action, from)
    if (kind !== 'look' || granted === ALWAYS || leading.length === 0) return granted
    const led = [...new Set(leading.map((condition) => conditionOf(condition, from)))]
    return led.includes(ALWAYS) ? ALWAYS : led.join('; or ')
  }
  return { was: say(before), is: say(after) }
}

/** More situations than were tried: whatever else differs is not known, and is never taken for the same. */
function changed({ isPlace, pair: { before, after } }: Point): Atom {
  const grants = [before, after].flatMap(({ reach }) => [...reach.allows, ...reach.denies])
  return {
    kind: isPlace ? 'access' : 'look',
    direction: 'changed',
    actions: listOf(isPlace ? grants.reduce((set, { actions }) => set | setOf(actions), 0) : LOOKING),
    was: 'under many conditions',
    is: 'may be under others',
    causes: [],
  }
}
