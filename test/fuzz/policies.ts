/** The policy that is attacked: as the product compiles it for a gateway, and as the slow second reading of the law sees it. */
import { join } from 'node:path'
import type { Bundle } from '../../src/core/policy/bundle.ts'
import { compile } from '../../src/core/policy/compile.ts'
import type { Demand } from '../../src/core/policy/decision/demand.ts'
import { formatProblem } from '../../src/core/policy/language/problem.ts'
import type { Slice } from '../../src/core/policy/slice.ts'
import { readPolicyDirectory } from '../../src/io/policy/directory.ts'
import { naiveDecide } from '../core/policy/decision/naive.ts'

export const IDENTITIES = ['careful', 'roaming'] as const
export type IdentityName = (typeof IDENTITIES)[number]

export async function readPolicy(): Promise<Bundle> {
  const read = await readPolicyDirectory(join(import.meta.dirname))
  if ('problems' in read) throw new Error(read.problems.map(formatProblem).join('\n'))
  return read.bundle
}

/** @param nameNodes where the gateway finds the NameNodes: the taps before them */
export function sliceFor(bundle: Bundle, identity: IdentityName, nameNodes: readonly string[]): Slice {
  const slice = compile(bundle, identity)
  if (slice === undefined) throw new Error(`no identity \`${identity}\``)
  return { ...slice, cluster: { ...slice.cluster, nameNodes, dataNodeHosts: ['localhost'] } }
}

/** Whether the law allows it, read a second time and without the code of the product. */
export function lawAllows(bundle: Bundle, identity: IdentityName, demand: Demand): boolean {
  const places = [...bundle.datasets.values()].flatMap(({ prefixes }) => prefixes as readonly string[])
  const walls = bundle.grants.flatMap(({ datasets, paths }) =>
    datasets.flatMap((name) =>
      (bundle.datasets.get(name)?.prefixes ?? []).flatMap((top) => paths.map((sub) => `${top}/${sub}`)),
    ),
  )
  const paths = [...places, ...walls, demand.path, `${demand.path}/x`]
  return naiveDecide(bundle, identity, [demand], { now: Date.now(), paths }).effect === 'allow'
}
