/** Labels that are asked for and that nothing carries: a deny that selects by a misspelt one denies nothing. */
import { nearest } from '../../nearest.ts'
import { ofKind } from '../language/link.ts'
import { didYouMean } from '../language/problem.ts'
import type { PolicyDocument } from '../language/read-document.ts'
import type { Found, Linted, Rule } from './rule.ts'

/** A key that so many datasets carry is a custom; one that a single dataset carries may be a slip. */
const CUSTOM = 3

export const unknownLabel: Rule = {
  code: 'unknown-label',
  severity: 'warning',
  sentence: 'a `datasetSelector` asks for a label, or a value of it, that no dataset carries',
  check: (policy) => {
    const carried = labelsOf(policy)
    return policy.documents.flatMap(askedIn).flatMap(({ document, key, value, ...place }): Found[] => {
      const values = carried.get(key)
      if (values === undefined) {
        if (value !== undefined && !place.isKey) return []
        const message = `no dataset carries a label \`${key}\``
        return [{ document, path: place.path, message, ...place.part, ...didYouMean(nearest(key, carried.keys())) }]
      }
      if (value === undefined || values.has(value)) return []
      const message = `no dataset carries \`${key}: ${value}\``
      return [{ document, path: place.path, message, ...didYouMean(nearest(value, values.keys())) }]
    })
  },
}

export const rareLabel: Rule = {
  code: 'rare-label',
  severity: 'note',
  sentence: 'one dataset alone carries a label whose key is nearly that of a label that several carry',
  check: (policy) => {
    const carried = labelsOf(policy)
    const customs = [...carried].flatMap(([key, values]) => (countOf(values) >= CUSTOM ? [key] : []))
    const asked = new Set(policy.documents.flatMap(askedIn).map(({ key }) => key))
    return ofKind(policy.documents, 'Dataset').flatMap((document) =>
      Object.keys(document.spec.labels ?? {}).flatMap((key): Found[] => {
        const near = countOf(carried.get(key)) === 1 && !asked.has(key) ? nearest(key, customs) : undefined
        if (near === undefined) return []
        const message = `only this dataset carries a label \`${key}\``
        return [{ document, path: ['spec', 'labels', key], part: 'key', message, ...didYouMean(near) }]
      }),
    )
  },
}

type Values = ReadonlyMap<string, number>
const countOf = (values: Values = new Map()): number => [...values.values()].reduce((sum, count) => sum + count, 0)

/** Keys of labels, and how many datasets carry each value of them. */
function labelsOf({ bundle }: Linted): ReadonlyMap<string, Values> {
  const found = new Map<string, Map<string, number>>()
  for (const { labels } of bundle.datasets.values()) {
    for (const [key, value] of labels) {
      const values = found.get(key) ?? new Map<string, number>()
      found.set(key, values.set(value, (values.get(value) ?? 0) + 1))
    }
  }
  return found
}

type Asked = {
  readonly document: PolicyDocument
  readonly key: string
  readonly value?: string
  readonly path: readonly PropertyKey[]
  /** Whether the path is that of the key: one that nobody knows is told once, however many values are asked of it. */
  readonly isKey: boolean
  readonly part: { readonly part?: 'key' }
}

/** Every key and every value that a document's `datasetSelector` names. */
function askedIn(document: PolicyDocument): readonly Asked[] {
  const selector =
    document.kind === 'Grant' || document.kind === 'Delegation' ? document.spec.datasetSelector : undefined
  const top = ['spec', 'datasetSelector']
  const labels = Object.entries(selector?.matchLabels ?? {}).flatMap(([key, value]): Asked[] => {
    const path = [...top, 'matchLabels', key]
    return [{ document, key, value, path, isKey: true, part: { part: 'key' } }]
  })
  const expressions = (selector?.matchExpressions ?? []).flatMap(({ key, values = [] }, index): Asked[] => {
    const path = [...top, 'matchExpressions', index]
    return [
      { document, key, path: [...path, 'key'], isKey: true, part: {} },
      ...values.map((value, at) => ({ document, key, value, path: [...path, 'values', at], isKey: false, part: {} })),
    ]
  })
  return [...labels, ...expressions]
}
