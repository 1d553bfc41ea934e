/** Pods enough: whatever some grants say of any pod, they say of one of these. */
import type { PodCondition, PodContext } from '../decision/pod-condition.ts'
import { type Labels, matches, type Selector } from '../decision/selector.ts'

type Asking = { readonly pods?: PodCondition }

export type Pods = {
  /** Those of which all is known come first. */
  readonly pods: readonly PodContext[]
  /** Whether there is one for every pod. Not so when grants ask for more labels than can be tried. */
  readonly isWhole: boolean
}

const MOST_LABELS = 2048

export function podsFor(grants: readonly Asking[]): Pods {
  const namespaces = namespacesFor(
    grants.flatMap(({ pods }) => (pods?.namespaces === undefined ? [] : [pods.namespaces])),
  )
  const selectors = grants.flatMap(({ pods }) => (pods?.selector === undefined ? [] : [pods.selector]))
  const { labels, isWhole } = labelsFor(unlike(selectors))
  const pods = labels.flatMap((some) =>
    namespaces.map((namespace): PodContext => {
      return { ...(namespace === undefined ? {} : { namespace }), ...(some === undefined ? {} : { labels: some }) }
    }),
  )
  const unknowns = (pod: PodContext): number => Number(pod.namespace === undefined) + Number(pod.labels === undefined)
  return { pods: pods.sort((one, other) => unknowns(one) - unknowns(other)), isWhole }
}

/** One namespace for each way of being in lists or not, one that is in none, and one that is not known. */
function namespacesFor(given: readonly (readonly string[])[]): readonly (string | undefined)[] {
  const lists = unlike(given)
  if (lists.length === 0) return [undefined]
  const named = new Set(lists.flat())
  const byLists = new Map<string, string>()
  for (const name of [...named, fresh(named, 'any-other')]) {
    const key = lists.map((list) => (list.includes(name) ? 'y' : 'n')).join('')
    if (!byLists.has(key)) byLists.set(key, name)
  }
  return [...byLists.values(), undefined]
}

type Partial = { readonly labels: Labels; readonly isSelected: readonly boolean[] }

/** One set of labels for each way of being selected or not, and labels that are not known. */
function labelsFor(selectors: readonly Selector[]): {
  readonly labels: readonly (Labels | undefined)[]
  readonly isWhole: boolean
} {
  if (selectors.length === 0) return { labels: [undefined], isWhole: true }
  let isWhole = true
  let partial: readonly Partial[] = [{ labels: new Map(), isSelected: selectors.map(() => true) }]
  for (const key of new Set(selectors.flat().map((requirement) => requirement.key))) {
    const asked = selectors.map((selector) => selector.filter((requirement) => requirement.key === key))
    const byResult = new Map<string, Partial>()
    for (const { labels, isSelected } of partial) {
      for (const value of valuesFor(asked.flat())) {
        const only = new Map(value === undefined ? [] : [[key, value]])
        const next = isSelected.map((was, index) => was && matches(asked[index] ?? [], only))
        const result = next.join()
        if (!byResult.has(result)) byResult.set(result, { labels: new Map([...labels, ...only]), isSelected: next })
      }
    }
    isWhole &&= byResult.size <= MOST_LABELS
    partial = [...byResult.values()].slice(0, MOST_LABELS)
  }
  return { labels: [...partial.map(({ labels }) => labels), undefined], isWhole }
}

/** Each value that is asked for, another one, and none. */
function valuesFor(requirements: Selector): readonly (string | undefined)[] {
  const named = new Set(requirements.flatMap(({ values }) => values))
  return [...named, fresh(named, 'other'), undefined]
}

function fresh(named: ReadonlySet<string>, like: string): string {
  return named.has(like) ? fresh(named, `${like}-${like}`) : like
}

const unlike = <T>(values: readonly T[]): readonly T[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
]
