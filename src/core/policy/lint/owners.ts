/** Data of one team inside that of another, and data that is given to teams that do not own it. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { Dataset } from '../bundle.ts'
import { ofKind } from '../language/link.ts'
import { ancestorsOf } from '../places.ts'
import { datasetsOf, type Found, listed, type Rule } from './rule.ts'

const MOST_NAMED = 3

export const overlap: Rule = {
  code: 'overlap',
  severity: 'warning',
  sentence: 'a dataset lies inside a dataset that another team owns, and takes its paths away from it',
  check: ({ bundle, documents }) => {
    const roots = new Map<string, Map<HdfsPath, Dataset>>()
    for (const dataset of bundle.datasets.values()) {
      const known = roots.get(dataset.cluster) ?? new Map<HdfsPath, Dataset>()
      roots.set(dataset.cluster, known)
      for (const prefix of dataset.prefixes) known.set(prefix, dataset)
    }
    return ofKind(documents, 'Dataset').flatMap((document) => {
      const { cluster, owner, prefixes } = document.spec
      const known = roots.get(cluster) ?? new Map<HdfsPath, Dataset>()
      return prefixes.flatMap((prefix, index): Found[] => {
        const around = known.get(
          ancestorsOf(prefix as HdfsPath).findLast((path) => known.has(path)) ?? ('' as HdfsPath),
        )
        if (around === undefined || around.owner === owner) return []
        const message = `\`${prefix}\` of team \`${owner}\` lies inside \`${around.name}\` (${around.at}) of team \`${around.owner}\``
        const hint = 'allows on that one do not reach here, and denies on it do'
        return [{ document, path: ['spec', 'prefixes', index], message, hint }]
      })
    })
  },
}

export const foreignGrant: Rule = {
  code: 'foreign-grant',
  severity: 'warning',
  sentence: 'an allow gives a dataset to a team that does not own it, and says neither `reason` nor `ticket`',
  check: ({ bundle, grants }) =>
    grants.flatMap(({ grant, document }): Found[] => {
      if (grant.effect === 'deny' || grant.reason !== undefined || grant.ticket !== undefined) return []
      const teams = new Set([
        ...grant.teams,
        ...grant.identities.flatMap((name) => bundle.identities.get(name)?.team ?? []),
      ])
      const foreign = datasetsOf(bundle, grant).filter(({ owner }) => [...teams].some((team) => team !== owner))
      if (foreign.length === 0) return []
      const named = foreign.slice(0, MOST_NAMED).map(({ name, owner }) => `\`${name}\` of team \`${owner}\``)
      const more = foreign.length - named.length
      const what = listed([...named, ...(more > 0 ? [`${more} more`] : [])])
      const message = `grant \`${grant.name}\` gives ${what} to another team, and does not say why`
      return [{ document, path: ['metadata', 'name'], message, hint: 'write a `reason` or a `ticket`' }]
    }),
}
