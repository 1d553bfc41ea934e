/** Grants that a reviewer will ask about, and that say nothing. */
import type { Action } from '../action.ts'
import { type Found, listed, type Rule } from './rule.ts'

/** What changes who may do what, beyond what is written here, or takes history away. */
const POWERS: readonly Action[] = ['setattr', 'acl', 'snap-admin', 'admin']

export const unexplainedDeny: Rule = {
  code: 'unexplained-deny',
  severity: 'warning',
  sentence: 'a deny has no `reason`',
  check: ({ grants }) =>
    grants.flatMap(({ grant, document }): Found[] => {
      if (grant.effect === 'allow' || grant.reason !== undefined) return []
      const message = `deny \`${grant.name}\` does not say why`
      return [{ document, path: ['metadata', 'name'], message, hint: 'write a `reason`: whoever is refused will ask' }]
    }),
}

export const unexplainedPower: Rule = {
  code: 'unexplained-power',
  severity: 'warning',
  sentence: `an allow of ${POWERS.slice(0, -1).join(', ')} or ${POWERS.at(-1)}, such as \`manage\` brings along, says neither \`reason\` nor \`ticket\``,
  check: ({ grants }) =>
    grants.flatMap(({ grant, document }): Found[] => {
      if (grant.effect === 'deny' || grant.reason !== undefined || grant.ticket !== undefined) return []
      const powers = POWERS.filter((power) => grant.actions.includes(power))
      if (powers.length === 0) return []
      const message = `grant \`${grant.name}\` allows ${listed(powers.map((power) => `\`${power}\``))}, and does not say why`
      return [{ document, path: ['spec', 'actions'], part: 'key', message, hint: 'write a `reason` or a `ticket`' }]
    }),
}
