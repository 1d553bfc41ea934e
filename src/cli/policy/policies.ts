/** What every policy command asks first: which directory, and is it whole. */
import type { Command } from 'commander'
import { KerbsideError } from '../../core/errors.ts'
import type { Identity } from '../../core/identity/identity.ts'
import { parseInstant } from '../../core/instant.ts'
import { nearest } from '../../core/nearest.ts'
import type { Bundle } from '../../core/policy/bundle.ts'
import { compile } from '../../core/policy/compile.ts'
import type { PodContext } from '../../core/policy/decision/pod-condition.ts'
import { formatProblem } from '../../core/policy/language/problem.ts'
import type { Slice } from '../../core/policy/slice.ts'
import { type DirectoryResult, type GoodDirectory, readPolicyDirectory } from '../../io/policy/directory.ts'

export function directoryArgument(command: Command): void {
  command.argument('[directory]', 'policy directory', 'policies')
}

/** The text of an option that a command cannot do without. Checked here, since commander would miss a misspelt one first. */
export function required(options: ReadonlyMap<string, unknown>, name: string): string {
  const value = options.get(name)
  if (typeof value !== 'string') throw new KerbsideError('bad-usage', `\`--${name}\` is not given`)
  return value
}

/** The moment of `--at`, milliseconds since the epoch; now if it is not given. */
export function momentOf(options: ReadonlyMap<string, unknown>): number {
  const given = options.get('at')
  if (given === undefined) return Date.now()
  const instant = parseInstant(String(given))
  if (instant !== undefined) return instant
  throw new KerbsideError('bad-usage', `\`--at ${String(given)}\` is not a moment with its zone`, {
    hint: 'such as `2027-01-31T00:00:00Z`',
  })
}

/** @throws KerbsideError `bad-policy` that says every problem */
export async function bundleOf(directory: string): Promise<Bundle> {
  return goodOf(directory, await readPolicyDirectory(directory)).bundle
}

/** @throws KerbsideError `bad-policy` that says every problem */
export function goodOf(directory: string, result: DirectoryResult): GoodDirectory {
  if ('bundle' in result) return result
  const lines = result.problems.map(formatProblem).join('\n')
  throw new KerbsideError('bad-policy', `the policy in \`${directory}\` is not valid\n${lines}`)
}

/** @throws KerbsideError `bad-usage` when the bundle has no such identity */
export function identityOf(
  bundle: Bundle,
  name: string,
  pod: PodContext = {},
): { readonly identity: Identity; readonly slice: Slice } {
  const identity = bundle.identities.get(name)
  const slice = compile(bundle, name, pod)
  if (identity !== undefined && slice !== undefined) return { identity, slice }
  const near = nearest(name, bundle.identities.keys())
  const hint =
    near === undefined ? `there are ${[...bundle.identities.keys()].join(', ')}` : `did you mean \`${near}\`?`
  throw new KerbsideError('bad-usage', `no identity is called \`${name}\``, { hint })
}

/** `1 cluster, 2 identities, 5 datasets, 4 grants, 12 tests, bundle sha256:…`. */
export function summaryOf({ clusters, identities, datasets, grants, tests, hash }: Bundle): string {
  const counts = [
    counted(clusters.size, 'cluster'),
    counted(identities.size, 'identity', 'identities'),
    counted(datasets.size, 'dataset'),
    counted(grants.length, 'grant'),
    counted(tests.length, 'test'),
  ]
  return `${counts.join(', ')}, bundle ${hash}`
}

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
