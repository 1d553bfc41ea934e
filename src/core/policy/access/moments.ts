/** Moments enough: whatever some grants say at any time from a moment on, they say at one of these. */
import { stretchAround, type Timed } from '../decision/in-force.ts'
import { isOpen, type Window } from '../decision/window.ts'

export type Moment = {
  readonly time: number
  /** The stretch between two starts or expiries that it stands for; in hours, not all of it. */
  readonly from: number
  readonly until: number
}

const DAY_MS = 86_400_000
/** Two weeks hold every hour of the week, also one that a clock skips as summer begins; a day more for where they begin. */
const WALK_MS = 15 * DAY_MS
/** So long a stretch is looked at hour by hour from end to end. */
const SHORT_MS = 40 * DAY_MS
/** In so long, all clocks have been put forward and back against each other in every way they ever are. */
const YEARS_MS = 3 * 366 * DAY_MS

/** @param from milliseconds since the epoch, finite: what was before is over */
export function momentsOf(grants: readonly Timed[], from: number): readonly Moment[] {
  const edges = grants.flatMap(({ startsAt, expiresAt }) => [startsAt, expiresAt])
  const later = edges.filter((edge): edge is number => edge !== undefined && edge > from)
  const starts = [from, ...[...new Set(later)].sort((one, other) => one - other)]
  const windows = distinct(grants.flatMap(({ during }) => during ?? []))
  return starts.flatMap((start, index) => {
    const until = starts[index + 1] ?? Number.POSITIVE_INFINITY
    if (windows.length === 0) return [{ time: start, from: start, until }]
    return timesIn(windows, start, until).map((time) => ({ time, from: start, until }))
  })
}

const distinct = (windows: readonly Window[]): readonly Window[] => [
  ...new Map(windows.map((window) => [JSON.stringify(window), window])).values(),
]

const MOST_KNOWN = 1000
const known = new Map<string, readonly number[]>()

/** One moment for each way in which windows are open and closed together between two moments. */
function timesIn(windows: readonly Window[], from: number, until: number): readonly number[] {
  const key = JSON.stringify([windows, from, until])
  const before = known.get(key)
  if (before !== undefined) return before
  const first = new Map<string, number>()
  const timed = windows.map((during) => ({ effect: 'allow' as const, during }))
  for (const walk of walksIn(windows, from, until)) {
    for (let time = walk.from; time < walk.until; time = stretchAround(timed, time).until) {
      const open = windows.map((window) => (isOpen(window, time) ? 'y' : 'n')).join('')
      if (!first.has(open)) first.set(open, time)
    }
  }
  if (known.size >= MOST_KNOWN) known.clear()
  const times = [...first.values()].sort((one, other) => one - other)
  known.set(key, times)
  return times
}

type Walk = { readonly from: number; readonly until: number }

/** Clocks of several zones go apart and together as summer begins here and there: each way of it is walked. */
function walksIn(windows: readonly Window[], from: number, until: number): readonly Walk[] {
  if (until - from <= SHORT_MS) return [{ from, until }]
  const zones = [...new Set(windows.map(({ zone }) => zone))]
  if (zones.length === 1) return [{ from, until: from + WALK_MS }]
  const walks: Walk[] = []
  const seen = new Set<string>()
  for (let day = from; day < Math.min(until, from + YEARS_MS); day += DAY_MS) {
    const offsets = zones.map((zone) => offsetOf(zone, day)).join()
    if (seen.has(offsets)) continue
    seen.add(offsets)
    walks.push({ from: Math.max(from, day - DAY_MS), until: Math.min(until, day + WALK_MS) })
  }
  return walks
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** `GMT+02:00`. A zone that there is not has no hours either. */
function offsetOf(zone: string, time: number): string {
  try {
    const clock = clocks.get(zone) ?? new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    clocks.set(zone, clock)
    return clock.formatToParts(time).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  } catch {
    return ''
  }
}
