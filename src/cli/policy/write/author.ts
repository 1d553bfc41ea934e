/** `kerbside policy check --author`: what a team changed, held against what it may write by itself. */
import { relative } from 'node:path'
import { KerbsideError } from '../../../core/errors.ts'
import { nearest } from '../../../core/nearest.ts'
import { authorship } from '../../../core/policy/authorship/authorship.ts'
import type { State } from '../../../core/policy/authorship/change.ts'
import type { Finding } from '../../../core/policy/language/findings.ts'
import { type GoodDirectory, readPolicyDirectory, toBundle } from '../../../io/policy/directory.ts'
import { readRevision } from '../compare/revision.ts'
import { goodOf } from '../policies.ts'

export type Author = { readonly team: string; readonly base: State | undefined }

const stateOf = (reading: GoodDirectory): State => ({ bundle: reading.bundle, documents: reading.documents() })

/** @throws KerbsideError `bad-usage`, or `bad-policy` when the base is not valid */
export async function authorOf(options: ReadonlyMap<string, unknown>, directory: string): Promise<Author | undefined> {
  const [team, base] = [options.get('author'), options.get('base')]
  if (team === undefined) {
    if (base === undefined) return undefined
    throw new KerbsideError('bad-usage', '`--base` is for `--author`, which is not given')
  }
  return { team: String(team), base: base === undefined ? undefined : await baseOf(String(base), directory) }
}

/** A folder, or `git:REVISION`, where the same folder is meant, or `git:REVISION:FOLDER`. */
async function baseOf(spec: string, directory: string): Promise<State> {
  const [, name, folder] = /^git:([^:]*)(?::(.*))?$/s.exec(spec) ?? []
  if (name === undefined) return stateOf(goodOf(spec, await readPolicyDirectory(spec)))
  const path = relative('', folder ?? directory)
  const what = `${name}:${path}`
  return stateOf(goodOf(what, await toBundle(what, await readRevision({ name, path }))))
}

/** @throws KerbsideError `bad-usage` when neither the base nor the directory has such a team */
export function authorFindings({ team, base }: Author, reading: GoodDirectory, at: number): readonly Finding[] {
  const now = stateOf(reading)
  const teams = new Set([base ?? now, now].flatMap(({ bundle }) => teamsIn(bundle)))
  if (!teams.has(team)) {
    const near = nearest(team, teams)
    const hint = near === undefined ? `there are ${[...teams].sort().join(', ')}` : `did you mean \`${near}\`?`
    throw new KerbsideError('bad-usage', `no team is called \`${team}\``, { hint })
  }
  return authorship({ ...(base === undefined ? {} : { base }), now, team, at })
}

const teamsIn = ({ identities, datasets, delegations }: State['bundle']): readonly string[] => [
  ...[...identities.values()].map(({ team }) => team),
  ...[...datasets.values()].map(({ owner }) => owner),
  ...delegations.map(({ team }) => team),
]
