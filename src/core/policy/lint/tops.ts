/** The places where grants begin, found by path: which grants reach a place is then a walk up to the root. */
import { type HdfsPath, ROOT } from '../../hdfs/path.ts'
import type { Bundle } from '../bundle.ts'
import { owningPrefix, under } from '../places.ts'
import { datasetsOf, type Linted, type LintedGrant } from './rule.ts'

export type Top = {
  readonly cluster: string
  readonly path: HdfsPath
  /** That the path is counted from; of an allow, the one that it belongs by. */
  readonly prefix: HdfsPath
}

/** A grant that reaches a place, and where it begins. */
export type Over = { readonly one: LintedGrant; readonly from: HdfsPath }

type Prefixes = ReadonlyMap<string, ReadonlySet<HdfsPath>>

/** Prefixes of all datasets, by cluster. */
export function prefixesByCluster({ datasets }: Bundle): Prefixes {
  const found = new Map<string, Set<HdfsPath>>()
  for (const { cluster, prefixes } of datasets.values()) {
    const known = found.get(cluster) ?? new Set()
    found.set(cluster, known)
    for (const prefix of prefixes) known.add(prefix)
  }
  return found
}

/** Where a grant begins to apply. An allow whose sub-path lies in another dataset does not begin there. */
export function topsOf({ grant }: LintedGrant, bundle: Bundle, prefixes: Prefixes): readonly Top[] {
  const tops: Top[] = []
  for (const { cluster, prefixes: own } of datasetsOf(bundle, grant)) {
    for (const prefix of own) {
      if (grant.paths.length === 0) tops.push({ cluster, path: prefix, prefix })
      for (const sub of grant.paths) {
        const path = under(prefix, sub)
        if (grant.effect === 'deny' || isOwnedBy(path, prefix, prefixes.get(cluster))) {
          tops.push({ cluster, path, prefix })
        }
      }
    }
  }
  return tops
}

const isOwnedBy = (path: HdfsPath, prefix: HdfsPath, known: ReadonlySet<HdfsPath> = new Set()): boolean =>
  owningPrefix(path, known) === prefix

const known = new WeakMap<Linted, Tops>()

/** Of the grants that are not over; made when first asked for, since several rules do. */
export function topsIn(policy: Linted): Tops {
  const before = known.get(policy)
  if (before !== undefined) return before
  const { bundle, now } = policy
  const grants = policy.grants.filter(({ grant: { expiresAt } }) => expiresAt === undefined || now < expiresAt)
  const made = new Tops(bundle, grants)
  known.set(policy, made)
  return made
}

export class Tops {
  readonly grants: readonly LintedGrant[]
  readonly #tops = new Map<LintedGrant, readonly Top[]>()
  readonly #at = {
    allow: new Map<string, Map<HdfsPath, LintedGrant[]>>(),
    deny: new Map<string, Map<HdfsPath, LintedGrant[]>>(),
  }

  constructor(bundle: Bundle, grants: readonly LintedGrant[]) {
    this.grants = grants
    const prefixes = prefixesByCluster(bundle)
    for (const one of grants) {
      const tops = topsOf(one, bundle, prefixes)
      this.#tops.set(one, tops)
      for (const { cluster, path } of tops) this.#file(one, cluster, path)
    }
  }

  of(grant: LintedGrant): readonly Top[] {
    return this.#tops.get(grant) ?? []
  }

  /** Allows that reach a place where an allow begins: at it, or above it as far as the prefix that it belongs by. */
  allowsOver({ cluster, path, prefix }: Top): readonly Over[] {
    return over(this.#at.allow.get(cluster), path, prefix)
  }

  /** Denies that reach a place. */
  deniesOver({ cluster, path }: Top): readonly Over[] {
    return over(this.#at.deny.get(cluster), path, ROOT)
  }

  #file(one: LintedGrant, cluster: string, path: HdfsPath): void {
    const places = this.#at[one.grant.effect].get(cluster) ?? new Map<HdfsPath, LintedGrant[]>()
    this.#at[one.grant.effect].set(cluster, places)
    const known = places.get(path)
    if (known === undefined) places.set(path, [one])
    else known.push(one)
  }
}

/** What is filed at a path and at what lies above it, as far as one of them; the outermost first. */
function over(
  at: ReadonlyMap<HdfsPath, readonly LintedGrant[]> | undefined,
  path: HdfsPath,
  outermost: HdfsPath,
): readonly Over[] {
  if (at === undefined) return []
  const found: Over[] = []
  for (let from = outermost; ; from = nextTowards(path, from)) {
    for (const one of at.get(from) ?? []) found.push({ one, from })
    if (from === path) return found
  }
}

/** One name further down: from `/data` on the way to `/data/market/2026` it is `/data/market`. */
function nextTowards(path: HdfsPath, from: HdfsPath): HdfsPath {
  const slash = path.indexOf('/', from === ROOT ? 1 : from.length + 1)
  return slash < 0 ? path : (path.slice(0, slash) as HdfsPath)
}
