/** A moment written by a person: RFC 3339, never without its zone. */

const FORM = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/

/** Milliseconds since the epoch, or undefined. A day that does not exist is not taken for another one. */
export function parseInstant(text: string): number | undefined {
  const [, year, month, day] = FORM.exec(text) ?? []
  const instant = Date.parse(text)
  if (year === undefined || Number.isNaN(instant)) return undefined
  // `Date.parse` takes 30 February for 2 March.
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return date.getUTCDate() === Number(day) && date.getUTCMonth() === Number(month) - 1 ? instant : undefined
}

/** RFC 3339 in UTC, to the second where nothing is finer. */
export function formatInstant(instant: number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z')
}
