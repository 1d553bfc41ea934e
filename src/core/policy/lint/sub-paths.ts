/** Sub-paths of an allow that lie in another dataset, where the allow says nothing. */
import { owningPrefix, under } from '../places.ts'
import { datasetsOf, type Found, type Rule } from './rule.ts'
import { prefixesByCluster } from './tops.ts'

export const subPathElsewhere: Rule = {
  code: 'sub-path-elsewhere',
  severity: 'warning',
  sentence: 'a sub-path of an allow lies, below each of its prefixes, in another dataset',
  check: ({ bundle, grants }) => {
    const prefixes = prefixesByCluster(bundle)
    return grants.flatMap(({ grant, document }): Found[] => {
      const datasets = datasetsOf(bundle, grant)
      const written = grant.effect === 'allow' && datasets.length > 0 ? (document.spec.paths ?? []) : []
      return written.flatMap((path, index) => {
        const isHere = datasets.some(({ cluster, prefixes: own }) =>
          own.some((prefix) => owningPrefix(under(prefix, path), prefixes.get(cluster) ?? new Set()) === prefix),
        )
        if (isHere) return []
        const message = `\`${path}\` lies in another dataset, which an allow on this one does not reach`
        return [{ document, path: ['spec', 'paths', index], message }]
      })
    })
  },
}
