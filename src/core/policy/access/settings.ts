/**
 * What changes beside access itself: who may take an identity, how it is kept, how much may be written, whether anything is
 * enforced.
 */

import type { HdfsPath } from '../../hdfs/path.ts'
import type { Identity } from '../../identity/identity.ts'
import { formatQuantity } from '../../quantity.ts'
import type { Bundle } from '../bundle.ts'
import { type Limits, tighter } from '../decision/limits.ts'
import { owningPrefix } from '../places.ts'
import { MAX_STALE_SECONDS } from '../slice.ts'
import { accountsOf } from './workloads.ts'

/** What was and what is. Of `use`, only whoever may no longer, and whoever may now; empty for nobody. */
export type SettingChange = {
  readonly kind: 'mode' | 'use' | 'stale' | 'secrets' | 'limits'
  /** An identity, a dataset, or the policy. */
  readonly of: string
  readonly was: string
  readonly is: string
}

export function settingChanges(before: Bundle, after: Bundle): readonly SettingChange[] {
  const mode: readonly SettingChange[] =
    before.mode === after.mode ? [] : [{ kind: 'mode', of: 'policy', was: before.mode, is: after.mode }]
  return [...mode, ...useChanges(before, after), ...keepingChanges(before, after), ...limitChanges(before, after)]
}

/** Pods that may newly be an identity gain whatever it may, and the other way round. */
function useChanges(before: Bundle, after: Bundle): readonly SettingChange[] {
  return [...after.identities.values()].flatMap((identity) => {
    const known = before.identities.get(identity.name)
    if (known === undefined) return []
    const [was, is] = [accountsOf(known), accountsOf(identity)]
    const lost = was.filter((text) => !is.includes(text))
    const gained = is.filter((text) => !was.includes(text))
    if (lost.length + gained.length === 0) return []
    return [{ kind: 'use', of: identity.name, was: lost.join('; '), is: gained.join('; ') } as const]
  })
}

/** How long its sidecars go by the last slice, and who asks the secret store for them; said or not, the default is the same. */
function keepingChanges(before: Bundle, after: Bundle): readonly SettingChange[] {
  return [...after.identities.values()].flatMap((identity) => {
    const known = before.identities.get(identity.name)
    if (known === undefined) return []
    return KEEPING.flatMap(({ kind, text }) => {
      const [was, is] = [text(known), text(identity)]
      return was === is ? [] : [{ kind, of: identity.name, was, is }]
    })
  })
}

const KEEPING = [
  { kind: 'stale', text: ({ maxStaleSeconds = MAX_STALE_SECONDS }: Identity) => `${maxStaleSeconds} s` },
  { kind: 'secrets', text: ({ secretsThrough = 'sidecar' }: Identity) => secretsThrough },
] as const

function limitChanges(before: Bundle, after: Bundle): readonly SettingChange[] {
  const [was, is] = [limitsIn(before), limitsIn(after)]
  const found = new Map<string, SettingChange>()
  for (const [cluster, { at: atAfter, prefixes }] of is) {
    const known = was.get(cluster)
    if (known === undefined) continue
    for (const prefix of new Set([...prefixes.keys(), ...known.prefixes.keys()])) {
      const [one, other] = [known.at(prefix), atAfter(prefix)]
      // What is in no dataset is written by nobody.
      if (one === undefined || other === undefined || one.limits === other.limits) continue
      const change = { kind: 'limits', of: other.dataset, was: one.limits, is: other.limits } as const
      found.set(JSON.stringify(change), change)
    }
  }
  return [...found.values()]
}

type Limited = { readonly dataset: string; readonly limits: string }
type LimitsIn = {
  readonly prefixes: ReadonlyMap<HdfsPath, Limited>
  at(path: HdfsPath): Limited | undefined
}

function limitsIn({ clusters, datasets }: Bundle): ReadonlyMap<string, LimitsIn> {
  const found = new Map<string, Map<HdfsPath, Limited>>()
  for (const { name, cluster, prefixes, limits } of datasets.values()) {
    const known = found.get(cluster) ?? new Map<HdfsPath, Limited>()
    found.set(cluster, known)
    const limited = { dataset: name, limits: formatLimits(tighter(limits, clusters.get(cluster)?.limits)) }
    for (const prefix of prefixes) known.set(prefix, limited)
  }
  return new Map(
    [...found].map(([cluster, prefixes]) => [
      cluster,
      {
        prefixes,
        at: (path) => prefixes.get(path) ?? prefixes.get(owningPrefix(path, prefixes) ?? path),
      },
    ]),
  )
}

function formatLimits({ fileBytes, replication, blockBytes }: Limits = {}): string {
  const parts = [
    ...(fileBytes === undefined ? [] : [`files up to ${formatQuantity(fileBytes)}`]),
    ...(replication === undefined ? [] : [`replication up to ${replication}`]),
    ...(blockBytes === undefined ? [] : [`blocks up to ${formatQuantity(blockBytes)}`]),
  ]
  return parts.length === 0 ? 'no limits' : parts.join(', ')
}
