/** When a policy becomes another one by time alone: grants that begin or end, and hours that open or close. */
import type { Bundle, Grant } from '../../../core/policy/bundle.ts'
import { formatWindow, isOpen, steadyAround, type Window } from '../../../core/policy/decision/window.ts'
import { isFor } from '../../../core/policy/places.ts'

export type Moments = {
  /** Whose policy has anything to do with time. */
  readonly identities: readonly string[]
  /** In order; from each until the next all is decided alike, and where `state` is the same, too. */
  readonly stretches: readonly { readonly from: number; readonly state: string }[]
}

/** @param from, until milliseconds since the epoch: the first stretch begins before `from` */
export function momentsOf({ grants, identities }: Bundle, from: number, until: number): Moments {
  const timed = grants.filter(isTimed)
  if (timed.length === 0) return { identities: [], stretches: [{ from: Number.NEGATIVE_INFINITY, state: '' }] }
  const edges = timed
    .flatMap(({ startsAt, expiresAt }) => [startsAt, expiresAt])
    .filter((edge) => edge !== undefined && edge > from && edge < until)
  const windows = [
    ...new Map(
      timed.flatMap(({ during }) => (during === undefined ? [] : [[formatWindow(during), during] as const])),
    ).values(),
  ]
  const turns = windows.flatMap((window) => turnsOf(window, from, until))
  const passed = [...new Set(edges as number[])].sort((one, other) => one - other)
  const moments = [...new Set([...passed, ...turns])].sort((one, other) => one - other)
  const stateAt = (moment: number): string =>
    `${passed.filter((edge) => edge <= moment).length} ${windows.map((window) => (isOpen(window, moment) ? 'y' : 'n')).join('')}`
  return {
    identities: [...identities.values()]
      .filter((one) => timed.some((grant) => isFor(grant, one)))
      .map(({ name }) => name),
    stretches: [
      { from: Number.NEGATIVE_INFINITY, state: stateAt(from) },
      ...moments.map((moment) => ({ from: moment, state: stateAt(moment) })),
    ],
  }
}

const isTimed = ({ startsAt, expiresAt, during }: Grant): boolean =>
  startsAt !== undefined || expiresAt !== undefined || during !== undefined

function turnsOf(window: Window, from: number, until: number): readonly number[] {
  const turns: number[] = []
  let wasOpen = isOpen(window, from)
  for (let at = steadyAround(window, from).until; at < until; at = steadyAround(window, at).until) {
    const open = isOpen(window, at)
    if (open !== wasOpen) turns.push(at)
    wasOpen = open
  }
  return turns
}
