/** Whether one grant holds whenever another does: for whom, at what time, for which pods. Exact where it says yes. */
import type { Identity } from '../identity/identity.ts'
import type { Grant } from './bundle.ts'
import type { PodCondition } from './decision/pod-condition.ts'
import type { Requirement, Selector } from './decision/selector.ts'
import { MINUTES_A_DAY, type Window } from './decision/window.ts'

/** Whether `wide` is in force, for the pod, whenever `narrow` is, of one effect or of two. */
export function holdsWhenever(wide: Grant, narrow: Grant): boolean {
  return (
    (wide.mode === 'enforce' || narrow.mode === 'shadow') &&
    (wide.startsAt === undefined || (narrow.startsAt !== undefined && wide.startsAt <= narrow.startsAt)) &&
    (wide.expiresAt === undefined || (narrow.expiresAt !== undefined && wide.expiresAt >= narrow.expiresAt)) &&
    (wide.during === undefined || (narrow.during !== undefined && isOpenWhenever(wide.during, narrow.during))) &&
    arePodsOf(wide.pods ?? {}, narrow.pods ?? {})
  )
}

/** Whether `wide` names everyone whom `narrow` names, and whoever joins one of its teams. */
export function namesAllOf(wide: Grant, narrow: Grant, identities: ReadonlyMap<string, Identity>): boolean {
  return (
    narrow.teams.every((team) => wide.teams.includes(team)) &&
    narrow.identities.every(
      (name) => wide.identities.includes(name) || wide.teams.includes(identities.get(name)?.team ?? ''),
    )
  )
}

/** Whether whatever `narrow` selects is selected by `wide`, too: it asks for nothing more. */
export const selectsAllOf = (wide: Selector, narrow: Selector): boolean =>
  wide.every((condition) => narrow.some((other) => textOf(condition) === textOf(other)))

function isOpenWhenever(wide: Window, narrow: Window): boolean {
  if (wide.zone !== narrow.zone || !narrow.days.every((day) => wide.days.includes(day))) return false
  if (wide.fromMinute === narrow.fromMinute && wide.toMinute === narrow.toMinute) return true
  const isOneDay = narrow.fromMinute < narrow.toMinute && narrow.toMinute <= MINUTES_A_DAY
  return isOneDay && wide.fromMinute <= narrow.fromMinute && wide.toMinute >= narrow.toMinute
}

function arePodsOf(wide: PodCondition, narrow: PodCondition): boolean {
  const { namespaces, selector } = wide
  return (
    (namespaces === undefined || narrow.namespaces?.every((name) => namespaces.includes(name)) === true) &&
    (selector === undefined || (narrow.selector !== undefined && selectsAllOf(selector, narrow.selector)))
  )
}

const textOf = ({ key, operator, values }: Requirement): string => JSON.stringify([key, operator, [...values].sort()])
