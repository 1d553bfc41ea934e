/** What the documents of an import decide, asked as the sidecar asks. */

import { compile } from '../../../../src/core/policy/compile.ts'
import type { Decision } from '../../../../src/core/policy/decision/decision.ts'
import type { Demand } from '../../../../src/core/policy/decision/demand.ts'
import { policyOver } from '../../../../src/core/policy/decision/policy-over.ts'
import { buildBundle } from '../../../../src/core/policy/language/build-bundle.ts'
import type { Source } from '../../../../src/core/policy/language/problem.ts'
import type { Imported } from '../../../../src/core/policy/ranger/import-ranger.ts'

const TEAMS = ['quant', 'climate', 'platform'] as const

/** What a person still writes by hand. */
export const AROUND: readonly object[] = [
  {
    ...{ apiVersion: 'kerbside.io/v1', kind: 'HadoopCluster', metadata: { name: 'lab' } },
    spec: {
      ...{ nameservice: 'lab', nameNodes: ['https://nn1.lab:9871'], dataNodeHosts: ['*.lab'] },
      ...{ realm: 'LAB', kdcs: ['kdc.lab:88'], secret: 'hdfs/lab' },
    },
  },
  ...TEAMS.map((team) => ({
    ...{ apiVersion: 'kerbside.io/v1', kind: 'Identity', metadata: { name: team } },
    spec: {
      ...{ team, cluster: 'lab', principal: `${team}@LAB`, secret: `hdfs/${team}`, home: `/user/${team}` },
      allowedFor: [{ namespace: team, serviceAccounts: ['trainer'] }],
    },
  })),
]

/** A moment and what is demanded → the decision, for each team by its name. */
export function policyOf({ datasets, grants }: Pick<Imported, 'datasets' | 'grants'>) {
  const sources = [...AROUND, ...datasets, ...grants].map(asSource)
  const result = buildBundle(sources, () => 'test')
  if (!('bundle' in result)) throw new Error(JSON.stringify(result.problems, undefined, 1))
  const policies = new Map(
    TEAMS.map((team) => {
      const slice = compile(result.bundle, team)
      if (slice === undefined) throw new Error(`no slice of \`${team}\``)
      return [team as string, policyOver(slice)]
    }),
  )
  return (team: string, demand: Demand, now: number): Decision => {
    const policy = policies.get(team)
    if (policy === undefined) throw new Error(`no team \`${team}\``)
    return policy.decide([demand], now)
  }
}

function asSource(value: object, index: number): Source {
  const file = `${index}.yaml`
  return { file, value, problems: [], isIntact: true, place: () => ({ file, line: 1, column: 1 }) }
}
