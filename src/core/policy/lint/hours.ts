/** Grants and time: those that are over, those that soon will be, and those whose hours never come. */
import { formatInstant } from '../../instant.ts'
import type { Grant } from '../bundle.ts'
import { formatWindow, isOpen, MINUTES_A_DAY, steadyAround, type Window } from '../decision/window.ts'
import type { Found, Rule } from './rule.ts'

const DAY_MS = 86_400_000
const SOON_MS = 30 * DAY_MS
/** In so many days every window that ever opens has opened, even where a clock change skipped it once. */
const LONGEST_WALK_MS = 15 * DAY_MS
/** A sidecar's clock may be late, and a deny that is taken away is missed until it has caught up. */
const CLOCK_SKEW_MS = DAY_MS

export const expired: Rule = {
  code: 'expired',
  severity: 'warning',
  sentence: 'a grant is over',
  check: ({ grants, now }) =>
    grants.flatMap(({ grant: { name, effect, expiresAt }, document }): Found[] => {
      if (expiresAt === undefined || now < expiresAt) return []
      const message = `grant \`${name}\` expired at ${formatInstant(expiresAt)}`
      const isRemovable = effect === 'allow' || now - expiresAt >= CLOCK_SKEW_MS
      return [{ document, path: ['spec', 'expires'], message, ...(isRemovable ? { removes: [] } : {}) }]
    }),
}

export const expiresSoon: Rule = {
  code: 'expires-soon',
  severity: 'note',
  sentence: 'a grant ends within 30 days',
  check: ({ grants, now }) =>
    grants.flatMap(({ grant: { name, expiresAt }, document }): Found[] => {
      if (expiresAt === undefined || now >= expiresAt || expiresAt - now > SOON_MS) return []
      const days = Math.ceil((expiresAt - now) / DAY_MS)
      const left = days === 1 ? 'within a day' : `in ${days} days`
      return [
        {
          document,
          path: ['spec', 'expires'],
          message: `grant \`${name}\` ends ${left}, at ${formatInstant(expiresAt)}`,
        },
      ]
    }),
}

export const neverOpen: Rule = {
  code: 'never-open',
  severity: 'warning',
  sentence: 'the hours of a grant never come, or not between its `starts` and its `expires`',
  check: ({ grants }) =>
    grants.flatMap(({ grant, document }): Found[] => {
      const { name, during } = grant
      if (during === undefined || mayOpen(during, grant)) return []
      const message = `grant \`${name}\` never applies: its hours, ${formatWindow(during)}, never come`
      return [{ document, path: ['spec', 'when', 'during'], part: 'key', message }]
    }),
}

function mayOpen(window: Window, { startsAt, expiresAt }: Grant): boolean {
  if (window.fromMinute >= MINUTES_A_DAY && window.toMinute <= 0) return false
  if (startsAt === undefined || expiresAt === undefined || expiresAt - startsAt > LONGEST_WALK_MS) return true
  for (let at = startsAt; at < expiresAt; ) {
    if (isOpen(window, at)) return true
    const { until } = steadyAround(window, at)
    if (!(until > at)) return true
    at = until
  }
  return false
}
