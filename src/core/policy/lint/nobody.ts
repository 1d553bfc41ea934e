/** Names in a grant that say nothing, since nobody of it has an identity in that cluster, or no label is so. */
import { formatSelector, matches, toSelector } from '../decision/selector.ts'
import { clustersOf, type Found, type Rule, subjectsOf } from './rule.ts'

export const nobodyThere: Rule = {
  code: 'nobody-there',
  severity: 'warning',
  sentence:
    'a team or identity of a grant has nothing to do with the cluster of any of its datasets, or a dataset with that of any of its identities',
  check: (policy) => {
    const { bundle, grants, identitiesByTeam } = policy
    return grants.flatMap(({ grant, document }): Found[] => {
      const clusters = clustersOf(bundle, grant)
      if (clusters.size === 0) return []
      const there = () => [...clusters].map((cluster) => `\`${cluster}\``).join(' or ')
      const teams = grant.teams.flatMap((team, index) => {
        if (identitiesByTeam.get(team)?.some(({ cluster }) => clusters.has(cluster))) return []
        const message = `team \`${team}\` has no identity in cluster ${there()}, so this says nothing to it`
        return [{ document, path: ['spec', 'teams', index], message }]
      })
      const identities = grant.identities.flatMap((name, index) => {
        const cluster = bundle.identities.get(name)?.cluster ?? ''
        if (clusters.has(cluster)) return []
        const message = `identity \`${name}\` is of cluster \`${cluster}\`, and no dataset here is`
        return [{ document, path: ['spec', 'identities', index], message }]
      })
      const reached = new Set(subjectsOf(policy, grant).map(({ cluster }) => cluster))
      const datasets = (document.spec.datasets ?? []).flatMap((name, index) => {
        const cluster = bundle.datasets.get(name)?.cluster ?? ''
        if (reached.size === 0 || reached.has(cluster)) return []
        const message = `dataset \`${name}\` is of cluster \`${cluster}\`, where nobody of this grant has an identity`
        return [{ document, path: ['spec', 'datasets', index], message }]
      })
      return [...teams, ...identities, ...datasets]
    })
  },
}

export const selectsNothing: Rule = {
  code: 'selects-nothing',
  severity: 'warning',
  sentence: 'the `datasetSelector` of a grant or delegation selects no dataset',
  check: ({ bundle, grants, documents }) => {
    const path = ['spec', 'datasetSelector']
    const grantsWithout = grants.flatMap(({ grant, document }): Found[] => {
      const { datasetSelector } = document.spec
      if (datasetSelector === undefined || grant.datasets.some((name) => isSelected(name, datasetSelector))) return []
      const selector = formatSelector(toSelector(datasetSelector))
      return [{ document, path, part: 'key', message: `no dataset has the labels \`${selector}\`` }]
    })
    const delegationsWithout = documents.flatMap((document): Found[] => {
      if (document.kind !== 'Delegation' || document.spec.datasetSelector === undefined) return []
      const { cluster, datasetSelector } = document.spec
      const isThere = [...bundle.datasets.values()].some(
        (it) => it.cluster === cluster && isSelected(it.name, datasetSelector),
      )
      if (isThere) return []
      const selector = formatSelector(toSelector(datasetSelector))
      return [
        { document, path, part: 'key', message: `no dataset of cluster \`${cluster}\` has the labels \`${selector}\`` },
      ]
    })
    return [...grantsWithout, ...delegationsWithout]

    function isSelected(name: string, written: Parameters<typeof toSelector>[0]): boolean {
      const dataset = bundle.datasets.get(name)
      return dataset !== undefined && matches(toSelector(written), dataset.labels)
    }
  },
}
