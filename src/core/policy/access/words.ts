/** When and for which pods something is allowed, in the words of the grants it rests on. */
import { printable } from '../../audit/printable.ts'
import { formatInstant } from '../../instant.ts'
import { ACTIONS, type Action, PRESETS } from '../action.ts'
import { podsOf } from '../answers/considered.ts'
import type { Grant } from '../bundle.ts'
import { isOver } from '../decision/in-force.ts'
import { formatWindow } from '../decision/window.ts'
import { holdsWhenever } from '../wider.ts'
import type { Condition, Reach } from './situations.ts'

export const ALWAYS = 'always'
export const NEVER = 'never'

/** `until 2027-01-01T00:00:00Z, mon-fri 08:00-18:00 Europe/Zurich, in namespace ml-quant`; `always` where it asks for nothing. */
export function conditionOf(grant: Condition, from: number): string {
  const { startsAt, expiresAt, during } = grant
  const parts = [
    ...(startsAt === undefined || startsAt <= from ? [] : [`from ${formatInstant(startsAt)}`]),
    ...(expiresAt === undefined ? [] : [`until ${formatInstant(expiresAt)}`]),
    ...(during === undefined ? [] : [formatWindow(during)]),
    ...(grant.pods === undefined ? [] : [podsOf(grant)]),
  ]
  return parts.length === 0 ? ALWAYS : printable(parts.join(', '))
}

/**
 * When an action is allowed: `always`, `never`, or `in namespace a; until 2027-…, except in namespace b`.
 * @param from what ended before it is left out
 */
export function whenAllowed({ allows, denies }: Reach, action: Action, from: number): string {
  const given = widest(allows, action, from)
  const taken = widest(denies, action, from)
  if (given.length === 0 || taken.includes(ALWAYS)) return NEVER
  return taken.length === 0 ? given.join('; or ') : `${given.join('; or ')}; except ${taken.join('; and ')}`
}

/** Without those that another one holds whenever they do. */
function widest(grants: readonly Grant[], action: Action, from: number): readonly string[] {
  const known = grants.filter((grant) => grant.actions.includes(action) && !isOver(grant, from))
  const needed = known.filter((grant, index) =>
    known.every(
      (other, at) => other === grant || !holdsWhenever(other, grant) || (holdsWhenever(grant, other) && index < at),
    ),
  )
  return [...new Set(needed.map((grant) => conditionOf(grant, from)))]
}

/** Presets where they match, the largest first, then what is left: `write, acl`. */
export function actionWords(actions: readonly Action[]): string {
  if (actions.length === ACTIONS.length) return 'all'
  for (const preset of ['manage', 'write', 'read'] as const) {
    const held: readonly Action[] = PRESETS[preset]
    if (!held.every((action) => actions.includes(action))) continue
    return [preset, ...actions.filter((action) => !held.includes(action))].join(', ')
  }
  // The preset of that name would be meant.
  return actions.map((action) => (action === 'read' ? 'read alone' : action)).join(', ')
}
