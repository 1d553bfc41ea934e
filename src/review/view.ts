/** What the reader looks at, as it stands in the URL: a finding is a link. */
import type { Filter } from '../core/audit/filter.ts'
import { SIDECAR } from '../core/audit/schema.ts'
import { nearest } from '../core/nearest.ts'
import type { Place } from '../io/audit/rows.ts'

export type PageFilter = Pick<Filter, 'team' | 'identity' | 'effect' | 'pathText'>

export type View = {
  readonly filter: PageFilter
  /** Only rows older than this one. */
  readonly after?: Place
}

const NAMES = ['team', 'identity', 'decision', 'path', 'after'] as const
const DECISIONS = { allowed: 'allow', denied: 'deny' } as const

/** The view of a query, and what in the query is not understood: what one cannot read one does not leave out silently. */
export function readView(query: string): { readonly view: View; readonly problems: readonly string[] } {
  const given = new URLSearchParams(query)
  const problems: string[] = []
  for (const name of new Set(given.keys())) {
    if (!NAMES.some((known) => known === name)) problems.push(unknown('filter', name, NAMES))
    else if (given.getAll(name).length > 1) problems.push(`\`${name}\` is given more than once: the first one counts`)
  }
  const textOf = (name: string): string | undefined => given.get(name) || undefined
  const [team, identity, pathText, decision, place] = ['team', 'identity', 'path', 'decision', 'after'].map(textOf)
  const effect = decision === undefined ? undefined : new Map(Object.entries(DECISIONS)).get(decision)
  if (decision !== undefined && effect === undefined)
    problems.push(unknown('decision', decision, Object.keys(DECISIONS)))
  const after = place === undefined ? undefined : readPlace(place)
  if (place !== undefined && after === undefined) problems.push(`\`${place}\` is no place in the records`)
  const filter = {
    ...(team === undefined ? {} : { team }),
    ...(identity === undefined ? {} : { identity }),
    ...(effect === undefined ? {} : { effect }),
    ...(pathText === undefined ? {} : { pathText }),
  }
  return { view: { filter, ...(after === undefined ? {} : { after }) }, problems }
}

/** The link to a view, `?team=quant&decision=denied`. `readView(writeView(view))` is `view`. */
export function writeView({ filter, after }: View): string {
  const query = new URLSearchParams()
  if (filter.team !== undefined) query.set('team', filter.team)
  if (filter.identity !== undefined) query.set('identity', filter.identity)
  if (filter.effect !== undefined) query.set('decision', filter.effect === 'allow' ? 'allowed' : 'denied')
  if (filter.pathText !== undefined) query.set('path', filter.pathText)
  if (after !== undefined) query.set('after', `${after.sidecar}.${after.sequence}`)
  return query.size === 0 ? '/' : `/?${query}`
}

function readPlace(text: string): Place | undefined {
  const [, sidecar = '', sequence = ''] = /^(.+)\.(\d{1,15})$/.exec(text) ?? []
  return SIDECAR.test(sidecar) ? { sidecar, sequence: Number(sequence) } : undefined
}

function unknown(what: string, given: string, known: readonly string[]): string {
  const near = nearest(given, known)
  return `\`${given}\` is no ${what}${near === undefined ? `: there are ${known.join(', ')}` : `; did you mean \`${near}\`?`}`
}
