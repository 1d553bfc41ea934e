/** The hours of the week in which a grant applies, by the clock of one zone. */

/** In the order of `Date.getUTCDay`. */
export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
export type Day = (typeof DAYS)[number]

export type Window = {
  readonly days: readonly Day[]
  /** Minutes since midnight. `to` is not part of it; one before `from` lies in the next day, which belongs to the day before. */
  readonly fromMinute: number
  readonly toMinute: number
  /** `Europe/Zurich`. */
  readonly zone: string
}

export const MINUTES_A_DAY = 1440
const MINUTE_MS = 60_000
/** No zone has changed its offset at another moment than a quarter of an hour since 1972. */
const QUARTER_MS = 15 * MINUTE_MS

/** Whether a moment, milliseconds since the epoch, lies in the window. No moment that is not a number does. */
export function isOpen(window: Window, now: number): boolean {
  const local = localTime(window.zone, now)
  if (local === undefined) return false
  const { days, fromMinute, toMinute } = window
  const isOn = (day: number): boolean => days.some((name) => name === DAYS[(day + 7) % 7])
  const { day, minute } = local
  if (fromMinute < toMinute) return isOn(day) && minute >= fromMinute && minute < toMinute
  return (isOn(day) && minute >= fromMinute) || (isOn(day - 1) && minute < toMinute)
}

/**
 * Bounds of a stretch around a moment in which the window is open or closed throughout: not the longest, which would
 * need to know when summer begins, but within a quarter of an hour.
 */
export function steadyAround(window: Window, now: number): { readonly from: number; readonly until: number } {
  const quarter = Math.floor(now / QUARTER_MS) * QUARTER_MS
  const local = localTime(window.zone, now)
  if (local === undefined) return { from: now, until: now }
  const began = Math.floor(now / MINUTE_MS) * MINUTE_MS
  // Midnight, where a day begins, is where a quarter does.
  const edges = [window.fromMinute, window.toMinute].map((edge) => began + (edge - local.minute) * MINUTE_MS)
  return {
    from: Math.max(quarter, ...edges.filter((edge) => edge <= now)),
    until: Math.min(quarter + QUARTER_MS, ...edges.filter((edge) => edge > now)),
  }
}

export function isZone(name: string): boolean {
  try {
    clockOf(name)
    return true
  } catch {
    return false
  }
}

/** `mon-fri 08:00-18:00 Europe/Zurich`. */
export function formatWindow({ days, fromMinute, toMinute, zone }: Window): string {
  const fromMonday = [...DAYS.slice(1), 'sun']
  const week = fromMonday.filter((day) => days.some((name) => name === day))
  const isRun = week.length > 2 && fromMonday.join().includes(week.join())
  const named = week.length === 7 ? [] : [isRun ? `${week[0]}-${week.at(-1)}` : week.join(',')]
  const isAllDay = fromMinute === 0 && toMinute === MINUTES_A_DAY
  return [...named, ...(isAllDay ? [] : [`${clock(fromMinute)}-${clock(toMinute)}`]), zone].join(' ')
}

const clock = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':')

const clocks = new Map<string, Intl.DateTimeFormat>()

/** @throws RangeError when there is no such zone */
function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  clocks.set(zone, made)
  return made
}

/** Day and minute on the wall clocks of a zone; nothing when there is no such zone or moment. */
function localTime(zone: string, now: number): { readonly day: number; readonly minute: number } | undefined {
  try {
    const parts = new Map(
      clockOf(zone)
        .formatToParts(now)
        .map(({ type, value }) => [type, value]),
    )
    const day = DAYS.findIndex((name) => name === parts.get('weekday')?.toLowerCase())
    const minute = Number(parts.get('hour')) * 60 + Number(parts.get('minute'))
    return day < 0 || Number.isNaN(minute) ? undefined : { day, minute }
  } catch {
    return undefined
  }
}
