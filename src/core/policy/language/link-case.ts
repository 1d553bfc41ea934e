/** Checks of one PolicyTest case: a misspelt parameter would make a test that passes for another cause than its author meant. */
import { findOperation } from '../../hdfs/operations.ts'
import { nearest } from '../../nearest.ts'
import { show } from './complaints.ts'
import type { DocumentOf } from './documents.ts'
import { didYouMean, type Problem, type Source } from './problem.ts'

type Case = DocumentOf<'PolicyTest'>['spec']['cases'][number]

/** @param path of the case in its document */
export function linkCase(source: Source, path: readonly PropertyKey[], one: Case): readonly Problem[] {
  const problems: Problem[] = []
  const operation = findOperation(one.operation)
  if (operation === undefined || operation.answeredBy === 'nobody') return problems

  const takesDestination = operation.needs.includes('destination')
  if (takesDestination && one.destination === undefined) {
    problems.push({ ...source.place([...path, 'operation']), message: `${operation.name} needs \`destination\`` })
  }
  if (!takesDestination && one.destination !== undefined) {
    problems.push({
      ...source.place([...path, 'destination'], 'key'),
      message: `${operation.name} takes no \`destination\``,
    })
  }
  for (const name of Object.keys(one.parameters ?? {})) {
    if (operation.parameters.some((parameter) => parameter === name)) continue
    problems.push({
      ...source.place([...path, 'parameters', name], 'key'),
      message: `${operation.name} has no parameter ${show(name)}`,
      ...didYouMean(nearest(name, operation.parameters)),
    })
  }
  return problems
}
