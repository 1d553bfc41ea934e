/** Whether an identity's part of two policies is the same as written, so that nothing of it needs to be compared. */
import type { Bundle, Dataset, Grant } from '../bundle.ts'

export class Unchanged {
  readonly #texts = new WeakMap<Grant, string>()
  readonly #clusters: ReadonlySet<string>

  constructor(before: Bundle, after: Bundle) {
    const [was, is] = [groundsOf(before), groundsOf(after)]
    const same = [...is.keys()].filter((cluster) => was.get(cluster) === is.get(cluster))
    this.#clusters = new Set(same)
  }

  /** @param before grants of the identity on one side, @param after on the other */
  holds(cluster: string, before: readonly Grant[], after: readonly Grant[]): boolean {
    if (before.length !== after.length || !this.#clusters.has(cluster)) return false
    // What was read once for both is one and the same.
    if (before.every((grant, index) => grant === after[index])) return true
    const [was, is] = [before, after].map((grants) => grants.map((grant) => this.#text(grant)).sort())
    return was?.every((text, index) => text === is?.[index]) === true
  }

  #text(grant: Grant): string {
    const known = this.#texts.get(grant)
    if (known !== undefined) return known
    const { effect, datasets, paths, actions, startsAt, expiresAt, during, pods } = grant
    const times = [startsAt ?? null, expiresAt ?? null, during]
    const text = JSON.stringify([effect, datasets, paths, actions, times, pods?.namespaces, pods?.selector])
    this.#texts.set(grant, text)
    return text
  }
}

/** What each cluster's datasets say of paths. */
function groundsOf({ datasets }: Bundle): ReadonlyMap<string, string> {
  const byCluster = new Map<string, Dataset[]>()
  for (const dataset of datasets.values()) {
    const known = byCluster.get(dataset.cluster)
    if (known === undefined) byCluster.set(dataset.cluster, [dataset])
    else known.push(dataset)
  }
  const textOf = ({ name, prefixes, protect, protectedPaths }: Dataset) =>
    JSON.stringify([name, prefixes, protect, protectedPaths])
  return new Map([...byCluster].map(([cluster, all]) => [cluster, all.map(textOf).sort().join('\n')]))
}
