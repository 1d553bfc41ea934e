/** Checks of one document that its schema cannot say: fields that only make sense together. */
import { show } from './complaints.ts'
import type { DocumentOf } from './documents.ts'
import type { Of } from './link.ts'
import type { Problem, Source } from './problem.ts'

export function wordsOfGrant({ spec, source }: Of<'Grant'>): readonly Problem[] {
  const problems: Problem[] = []
  if (spec.teams === undefined && spec.identities === undefined) {
    problems.push({ ...source.place(['spec'], 'key'), message: '`spec` names neither `teams` nor `identities`' })
  }
  if (spec.datasets === undefined && spec.datasetSelector === undefined) {
    problems.push({ ...source.place(['spec'], 'key'), message: '`spec` has neither `datasets` nor `datasetSelector`' })
  }
  const all = spec.actions.indexOf('all')
  if (spec.effect === 'allow' && all >= 0) {
    const hint = 'an allow spells out what it gives'
    problems.push({ ...source.place(['spec', 'actions', all]), message: '`all` is for denies only', hint })
  }
  const { starts, expires, when } = spec
  if (starts !== undefined && expires !== undefined && Date.parse(starts) >= Date.parse(expires)) {
    problems.push({ ...source.place(['spec', 'expires']), message: `\`spec.expires\` is not after \`spec.starts\`` })
  }
  if (when?.during !== undefined && (when.during.from ?? '00:00') === (when.during.to ?? '24:00')) {
    const hint = 'leave both out for the whole day'
    problems.push({
      ...source.place(['spec', 'when', 'during', 'to']),
      message: '`from` and `to` are the same time of day',
      hint,
    })
  }
  return [
    ...problems,
    ...selectorProblems(source, ['spec', 'datasetSelector'], spec.datasetSelector),
    ...selectorProblems(source, ['spec', 'when', 'podSelector'], when?.podSelector),
  ]
}

export function wordsOfDelegation({ spec, source }: Of<'Delegation'>): readonly Problem[] {
  const mayPlace = spec.kinds?.includes('Dataset') ?? false
  const message = '`prefixes` are for a delegation of kind `Dataset`, and go with it'
  const isHalf = mayPlace !== (spec.prefixes !== undefined)
  return [
    ...(isHalf ? [{ ...source.place(['spec', mayPlace ? 'kinds' : 'prefixes'], 'key'), message }] : []),
    ...selectorProblems(source, ['spec', 'datasetSelector'], spec.datasetSelector),
  ]
}

export function wordsOfIdentity({ spec, source }: Of<'Identity'>): readonly Problem[] {
  return spec.allowedFor.flatMap((workload, index) => {
    const path = ['spec', 'allowedFor', index]
    const named = [workload.namespace, workload.namespaceSelector, workload.anyNamespace].filter(
      (it) => it !== undefined,
    )
    const message = `\`spec.allowedFor[${index}]\` must have one of \`namespace\`, \`namespaceSelector\` and \`anyNamespace: true\``
    return [
      ...(named.length === 1 ? [] : [{ ...source.place(path), message }]),
      ...selectorProblems(source, [...path, 'namespaceSelector'], workload.namespaceSelector),
    ]
  })
}

type Written = DocumentOf<'Grant'>['spec']['datasetSelector']

/** An empty selector would select everything in Kubernetes and nothing elsewhere, so it is neither here. */
function selectorProblems(source: Source, path: readonly PropertyKey[], selector: Written): readonly Problem[] {
  if (selector === undefined) return []
  const { matchLabels = {}, matchExpressions = [] } = selector
  if (Object.keys(matchLabels).length + matchExpressions.length === 0) {
    return [{ ...source.place(path, 'key'), message: 'a selector without any condition selects nothing' }]
  }
  return matchExpressions.flatMap(({ operator, values }, index) => {
    const takesValues = operator === 'In' || operator === 'NotIn'
    if (takesValues === (values !== undefined)) return []
    const message = takesValues ? `${show(operator)} needs \`values\`` : `${show(operator)} takes no \`values\``
    return [{ ...source.place([...path, 'matchExpressions', index, 'operator']), message }]
  })
}
