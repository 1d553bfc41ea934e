/** Conditions on pods that no pod can meet. */
import type { Identity } from '../../identity/identity.ts'
import { formatSelector, type Selector, toSelector } from '../decision/selector.ts'
import { type Found, type Rule, subjectsOf } from './rule.ts'

export const namespaceOfNobody: Rule = {
  code: 'namespace-of-nobody',
  severity: 'warning',
  sentence: 'a grant is for pods of a namespace that may use no identity of it',
  check: (policy) =>
    policy.grants.flatMap(({ grant, document }): Found[] => {
      const subjects = grant.pods?.namespaces === undefined ? [] : subjectsOf(policy, grant)
      if (subjects.length === 0) return []
      return (grant.pods?.namespaces ?? []).flatMap((namespace, index) => {
        if (subjects.some((identity) => mayRunIn(identity, namespace))) return []
        const message = `no identity that \`${grant.name}\` is for may be used in namespace \`${namespace}\``
        return [{ document, path: ['spec', 'when', 'namespaces', index], message }]
      })
    }),
}

/** By its labels, a namespace may be any. */
const mayRunIn = ({ allowedFor }: Identity, name: string): boolean =>
  allowedFor.some(
    ({ namespace, namespaceSelector, anyNamespace }) =>
      namespace === name || anyNamespace === true || namespaceSelector !== undefined,
  )

export const contradiction: Rule = {
  code: 'contradiction',
  severity: 'warning',
  sentence: 'a selector asks one label for two things that exclude each other',
  check: ({ documents }) =>
    documents.flatMap((document): Found[] => {
      const selectors =
        document.kind === 'Identity'
          ? document.spec.allowedFor.map((it, index) => ({
              path: ['spec', 'allowedFor', index, 'namespaceSelector'],
              written: it.namespaceSelector,
            }))
          : document.kind === 'Grant'
            ? [{ path: ['spec', 'when', 'podSelector'], written: document.spec.when?.podSelector }]
            : []
      return selectors.flatMap(({ path, written }) => {
        const selector = written === undefined ? [] : toSelector(written)
        if (canMatch(selector)) return []
        return [{ document, path, part: 'key', message: `nothing can have the labels \`${formatSelector(selector)}\`` }]
      })
    }),
}

/** Each key by itself: some value, or its absence, must meet all that is asked of it. */
function canMatch(selector: Selector): boolean {
  return [...new Set(selector.map(({ key }) => key))].every((key) => {
    const asked = selector.filter((condition) => condition.key === key)
    if (asked.every(({ operator }) => operator === 'NotIn' || operator === 'DoesNotExist')) return true
    if (asked.some(({ operator }) => operator === 'DoesNotExist')) return false
    const lists = asked.filter(({ operator }) => operator === 'In').map(({ values }) => values)
    const [first, ...more] = lists
    if (first === undefined) return true
    const barred = asked.filter(({ operator }) => operator === 'NotIn').flatMap(({ values }) => values)
    return first.some((value) => !barred.includes(value) && more.every((values) => values.includes(value)))
  })
}
