/** Grants that others make needless: whatever they say is said already, or denied. Taken away together, no decision changes. */
import { toSelector } from '../decision/selector.ts'
import { holdsWhenever, namesAllOf, selectsAllOf } from '../wider.ts'
import { type Found, type Linted, type LintedGrant, listed, type Rule } from './rule.ts'
import { type Over, type Top, type Tops, topsIn } from './tops.ts'

const MOST_NAMED = 3

export const covered: Rule = {
  code: 'covered',
  severity: 'warning',
  sentence: 'an allow gives only what other allows give anyway, for as long and to the same pods',
  check: (policy) =>
    needless(policy, 'allow').map(({ one, others }) =>
      found(one, `everything that \`${one.grant.name}\` allows is allowed anyway`, others),
    ),
}

export const coveredDeny: Rule = {
  code: 'covered-deny',
  severity: 'note',
  sentence: 'a deny takes only what other denies take anyway, for as long and from the same pods',
  check: (policy) =>
    needless(policy, 'deny').map(({ one, others }) =>
      found(one, `everything that \`${one.grant.name}\` denies is denied anyway`, others),
    ),
}

export const allowDenied: Rule = {
  code: 'allow-denied',
  severity: 'warning',
  sentence: 'an allow gives nothing but a look at the directories above, since denies that last as long take all of it',
  check: (policy) => {
    const tops = topsIn(policy)
    return tops.grants.flatMap((one) => {
      const others =
        one.grant.effect === 'allow' ? instead(policy, tops, one, (top) => tops.deniesOver(top)) : undefined
      return others === undefined ? [] : [found(one, `everything that \`${one.grant.name}\` allows is denied`, others)]
    })
  },
}

/** The last in file order first, each against those that are still needed: of two that are alike, one stays. */
function needless(policy: Linted, effect: 'allow' | 'deny') {
  const tops = topsIn(policy)
  const gone = new Set<LintedGrant>()
  return tops.grants
    .filter(({ grant }) => grant.effect === effect)
    .toReversed()
    .flatMap((one) => {
      const others = instead(policy, tops, one, (top) => {
        const over = effect === 'allow' ? tops.allowsOver(top) : tops.deniesOver(top)
        return over.filter(({ one: other }) => other !== one && !gone.has(other))
      })
      if (others === undefined) return []
      gone.add(one)
      return [{ one, others }]
    })
}

/** All grants that say together what one says; undefined when they leave something to it, or it says nothing. */
function instead(
  { bundle }: Linted,
  tops: Tops,
  one: LintedGrant,
  overAt: (top: Top) => readonly Over[],
): readonly LintedGrant[] | undefined {
  const others = new Set<LintedGrant>()
  for (const top of tops.of(one)) {
    const over = overAt(top).filter(({ one: other }) => isAsWide(other, one, bundle.identities))
    if (over.length === 0) return undefined
    const isSaid = one.grant.actions.every((action) => over.some((it) => it.one.grant.actions.includes(action)))
    if (!isSaid || !over.some((it) => letsDown(it, top))) return undefined
    for (const { one: other } of over) others.add(other)
  }
  return others.size === 0 ? undefined : [...others]
}

/** An allow lets the directories be seen that lead to where it begins; one that begins higher must allow as much. */
const letsDown = ({ one: { grant }, from }: Over, { path }: Top): boolean =>
  grant.effect === 'deny' || from === path || (grant.actions.includes('stat') && grant.actions.includes('list'))

/** One that selects by labels speaks of datasets to come, so that only another such one is as wide. */
function isAsWide(
  { grant, document }: LintedGrant,
  narrow: LintedGrant,
  identities: Linted['bundle']['identities'],
): boolean {
  // Most are for somebody else, which is quickly seen.
  if (!namesAllOf(grant, narrow.grant, identities) || !holdsWhenever(grant, narrow.grant)) return false
  const wanted = narrow.document.spec.datasetSelector
  if (wanted === undefined) return true
  const selector = document.spec.datasetSelector
  return selector !== undefined && selectsAllOf(toSelector(selector), toSelector(wanted))
}

function found({ document }: LintedGrant, said: string, others: readonly LintedGrant[]): Found {
  const named = others.slice(0, MOST_NAMED).map(({ grant: { name, at } }) => `\`${name}\` (${at})`)
  const rest = others.length - named.length
  const by = listed([...named, ...(rest > 0 ? [`${rest} more`] : [])])
  return { document, path: ['metadata', 'name'], message: `${said}, by ${by}` }
}
