/** Which labels something must carry, as Kubernetes writes it: every condition must hold. */

export type Labels = ReadonlyMap<string, string>

export type Requirement = {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  /** Of `In` and `NotIn` only, never empty there. */
  readonly values: readonly string[]
}

/** Never empty: what selects everything says so by another field. */
export type Selector = readonly Requirement[]

/** As `labels.Requirement.Matches` of Kubernetes: what has no such key is not in any list. */
export function matches(selector: Selector, labels: Labels): boolean {
  return selector.every(({ key, operator, values }) => {
    const value = labels.get(key)
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value)
      case 'NotIn':
        return value === undefined || !values.includes(value)
      case 'Exists':
        return value !== undefined
      case 'DoesNotExist':
        return value === undefined
      default:
        return false
    }
  })
}

type Written = {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined
  readonly matchExpressions?:
    | readonly (Omit<Requirement, 'values'> & { values?: readonly string[] | undefined })[]
    | undefined
}

/** From the two forms in which it is written; sorted, so that layout makes no difference. */
export function toSelector({ matchLabels = {}, matchExpressions = [] }: Written): Selector {
  return [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In' as const, values: [value] })),
    ...matchExpressions.map(({ key, operator, values = [] }) => ({ key, operator, values: [...values].sort() })),
  ]
}

/** `sensitivity in (internal, public), owner`: as `kubectl get -l` takes it. */
export function formatSelector(selector: Selector): string {
  const terms = selector.map(({ key, operator, values }) => {
    if (operator === 'Exists') return key
    if (operator === 'DoesNotExist') return `!${key}`
    const [only, ...more] = values
    if (more.length === 0) return `${key}${operator === 'In' ? '=' : '!='}${only}`
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(', ')})`
  })
  return terms.join(', ')
}
