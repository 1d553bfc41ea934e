/** Bundles as documents for the lint rules, and back: without what a finding says is needless. */
import type { Bundle, Grant } from '../../../../src/core/policy/bundle.ts'
import type { Source } from '../../../../src/core/policy/language/problem.ts'
import type { PolicyDocument } from '../../../../src/core/policy/language/read-document.ts'
import { toLinted } from '../../../../src/core/policy/lint/rule.ts'
import { RULES } from '../../../../src/core/policy/lint/rules.ts'

const source: Source = {
  file: 'a.yaml',
  value: {},
  problems: [],
  isIntact: true,
  place: () => ({ file: 'a.yaml', line: 1, column: 1 }),
}

/** What the rules about needless grants read of a document. */
const documentsOf = ({ grants }: Bundle): readonly PolicyDocument[] =>
  grants.map((grant) => {
    const { name, paths, pods, effect, mode, teams, identities, datasets, actions } = grant
    const when = pods === undefined ? {} : { when: pods }
    const spec = { effect, mode, teams, identities, datasets, actions, paths, ...when }
    return {
      apiVersion: 'kerbside.io/v1',
      kind: 'Grant',
      metadata: { name },
      spec,
      source,
    } as unknown as PolicyDocument
  })

export type Flag = { readonly grant: string; readonly path: readonly PropertyKey[] }

export function flagsOf(bundle: Bundle, code: string, now: number): readonly Flag[] {
  const policy = toLinted(bundle, documentsOf(bundle), now)
  const rule = RULES.find((one) => one.code === code)
  if (rule === undefined) throw new Error(`no rule ${code}`)
  return rule.check(policy).map(({ document, path }) => ({ grant: document.metadata.name, path }))
}

/** What `--fix` would take away: whole grants, as if their name were flagged, and items. */
export function removalsOf(bundle: Bundle, now: number): readonly Flag[] {
  const policy = toLinted(bundle, documentsOf(bundle), now)
  return RULES.filter(({ code }) => code === 'expired' || code === 'repeated').flatMap((rule) =>
    rule.check(policy).flatMap(({ document, removes }): readonly Flag[] => {
      if (removes === undefined) return []
      return [{ grant: document.metadata.name, path: removes.length === 0 ? ['metadata', 'name'] : removes }]
    }),
  )
}

/** The bundle without all that was flagged: whole grants, or items of their lists. */
export function without(bundle: Bundle, flags: readonly Flag[]): Bundle {
  const grants = bundle.grants.flatMap((grant): readonly Grant[] => {
    const mine = flags.filter((flag) => flag.grant === grant.name)
    if (mine.some(({ path }) => path[0] === 'metadata')) return []
    const gone = (...field: readonly string[]) => {
      const items = mine.filter(({ path }) => path.slice(1, -1).join() === field.join())
      return new Set(items.map(({ path }) => Number(path.at(-1))))
    }
    const kept = <T>(items: readonly T[], ...field: readonly string[]) =>
      items.filter((_, index) => !gone(...field).has(index))
    const paths = kept(grant.paths, 'paths')
    const namespaces = grant.pods?.namespaces
    const left = namespaces === undefined ? undefined : kept(namespaces, 'when', 'namespaces')
    // An empty list would be no condition at all.
    if ((paths.length === 0 && grant.paths.length > 0) || left?.length === 0) return []
    return [
      {
        ...grant,
        teams: kept(grant.teams, 'teams'),
        identities: kept(grant.identities, 'identities'),
        datasets: kept(grant.datasets, 'datasets'),
        paths,
        ...(left === undefined ? {} : { pods: { namespaces: left } }),
      },
    ]
  })
  return { ...bundle, grants }
}
