/** Which grants are in force at a moment, and for how long that stays so. The only place where policy meets time. */
import { isOpen, steadyAround, type Window } from './window.ts'

/** Times are milliseconds since the epoch; what is absent does not limit. */
export type Timed = {
  readonly effect: 'allow' | 'deny'
  /** In force from this moment on. */
  readonly startsAt?: number
  /** In force before this moment, and not at it. */
  readonly expiresAt?: number
  readonly during?: Window
}

/** Comparisons are written so that at a moment that is not a number an allow is not in force and a deny is. */
export function isInForce({ effect, startsAt, expiresAt, during }: Timed, now: number): boolean {
  if (effect === 'allow') {
    const isInTime = (startsAt === undefined || now >= startsAt) && (expiresAt === undefined || now < expiresAt)
    return isInTime && !Number.isNaN(now) && (during === undefined || isOpen(during, now))
  }
  if (now < (startsAt ?? now) || now >= (expiresAt ?? Number.POSITIVE_INFINITY)) return false
  return during === undefined || Number.isNaN(now) || isOpen(during, now)
}

export const isOver = ({ expiresAt }: Timed, now: number): boolean => expiresAt !== undefined && now >= expiresAt

export type Stretch = { readonly from: number; readonly until: number }

/** A stretch around a moment, `from <= now < until`, in which nothing begins or ends. Empty for no moment at all. */
export function stretchAround(grants: readonly Timed[], now: number): Stretch {
  let from = Number.NEGATIVE_INFINITY
  let until = Number.POSITIVE_INFINITY
  const known = new Set<Window>()
  for (const { startsAt, expiresAt, during } of grants) {
    for (const edge of [startsAt, expiresAt]) {
      if (edge === undefined) continue
      if (edge <= now) from = Math.max(from, edge)
      else until = Math.min(until, edge)
    }
    if (during === undefined || known.has(during)) continue
    known.add(during)
    const steady = steadyAround(during, now)
    from = Math.max(from, steady.from)
    until = Math.min(until, steady.until)
  }
  return Number.isNaN(now) ? { from: Number.NaN, until: Number.NaN } : { from, until }
}
