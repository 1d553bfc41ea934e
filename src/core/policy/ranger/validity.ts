/** When a Ranger policy is valid: its schedules as intervals, where they are the same on every NameNode. */
import { type RangerSchedule, strangeFields } from './export.ts'
import type { Reason } from './reasons.ts'

/** Milliseconds since the epoch, `from <= t < until`; infinite where there is no start or no end. */
export type Interval = { readonly from: number; readonly until: number }

export const ALWAYS: readonly Interval[] = [{ from: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY }]

/**
 * Intervals in order, none touching another; or why they are not known. As `RangerValidityScheduleEvaluator`: one schedule
 * that applies is enough; both ends are in it, to the millisecond; a schedule without a zone is in GMT.
 */
export function validityOf(schedules: readonly RangerSchedule[]): readonly Interval[] | { readonly why: Reason } {
  if (schedules.length === 0) return ALWAYS
  const intervals: Interval[] = []
  for (const schedule of schedules) {
    if (strangeFields('schedule', schedule).length > 0) return { why: 'unknown-field' }
    if (schedule.recurrences.length > 0) return { why: 'recurrence' }
    const zone = schedule.timeZone.trim() === '' ? 'GMT' : schedule.timeZone
    const from = schedule.startTime === '' ? Number.NEGATIVE_INFINITY : momentOf(schedule.startTime, zone)
    const last = schedule.endTime === '' ? Number.POSITIVE_INFINITY : momentOf(schedule.endTime, zone)
    if (from === undefined || last === undefined) return { why: 'schedule' }
    if (from <= last) intervals.push({ from, until: last + 1 })
  }
  return merged(intervals)
}

function merged(intervals: readonly Interval[]): readonly Interval[] {
  const result: Interval[] = []
  for (const next of [...intervals].sort((one, other) => one.from - other.from)) {
    const last = result.at(-1)
    if (last === undefined || next.from > last.until) result.push(next)
    else if (next.until > last.until) result[result.length - 1] = { from: last.from, until: next.until }
  }
  return result
}

const FORM = /^(\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d)$/
/** `TimeZone.getTimeZone` takes any other text for GMT without a word. */
const ZONE =
  /^(GMT|UTC|(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/[A-Za-z_/-]+)$/
const HOUR_MS = 3_600_000
/** Time zones lie within this of UTC (`ZoneOffset` of Java allows 18 hours, and no zone uses more than 14). */
const FARTHEST_HOURS = 14

/** `2026/03/01 08:00:00` of a zone. Undefined for what Ranger would repair, or would read otherwise on another NameNode. */
function momentOf(text: string, zone: string): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (FORM.exec(text) ?? []).slice(1).map(Number)
  const wall = Date.UTC(year, month - 1, day, hour, minute, second)
  const written = new Date(wall).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ')
  // Ranger takes a moment before 1970 for no limit at all.
  if (written !== text || year < 1971 || !ZONE.test(zone)) return undefined
  const offsetAt = offsetsOf(zone)
  const offset = offsetAt?.(wall)
  if (offsetAt === undefined || offset === undefined) return undefined
  // Ranger asks for the offset at the wall time of the NameNode's own zone, which is near but not known.
  for (let hours = -FARTHEST_HOURS; hours <= FARTHEST_HOURS; hours++) {
    if (offsetAt(wall + hours * HOUR_MS) !== offset) return undefined
  }
  return wall - offset
}

/** Milliseconds that a zone is ahead of UTC at a moment. Undefined when no such zone is known. */
function offsetsOf(zone: string): ((moment: number) => number) | undefined {
  if (zone === 'GMT' || zone === 'UTC') return () => 0
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', { ...FIELDS, timeZone: zone })
  } catch {
    return undefined
  }
  return (moment) => {
    const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]))
    const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? Number.NaN
    const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
    return wall - moment
  }
}

const FIELDS = {
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
} as const satisfies Intl.DateTimeFormatOptions
