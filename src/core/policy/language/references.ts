/** Which field names which kind of document, and what is named but nowhere declared. Read from raw values, so that a document with other mistakes is checked too. */
import type { Kind } from './documents.ts'
import { Names } from './names.ts'
import type { Problem, Source } from './problem.ts'
import { declared, fieldOf, type NamingField } from './read-document.ts'

/** Fields down to a name; where they lead to a list, `each` are the fields from each item down. */
type Way = { readonly fields: readonly NamingField[]; readonly each?: readonly NamingField[] }
const to = (...fields: readonly NamingField[]): Way => ({ fields })
const toEach = (fields: readonly NamingField[], ...each: readonly NamingField[]): Way => ({ fields, each })

/** A team is declared by being an identity's team or a dataset's owner. */
const REFERENCES: Readonly<Record<Kind, readonly (readonly [Kind | 'team', Way])[]>> = {
  HadoopCluster: [],
  Identity: [['HadoopCluster', to('spec', 'cluster')]],
  Dataset: [['HadoopCluster', to('spec', 'cluster')]],
  Grant: [
    ['team', toEach(['spec', 'teams'])],
    ['Identity', toEach(['spec', 'identities'])],
    ['Dataset', toEach(['spec', 'datasets'])],
  ],
  Delegation: [
    ['HadoopCluster', to('spec', 'cluster')],
    ['team', to('spec', 'team')],
    ['team', toEach(['spec', 'teams'])],
    ['Dataset', toEach(['spec', 'datasets'])],
  ],
  Policy: [],
  PolicyTest: [['Identity', toEach(['spec', 'cases'], 'identity')]],
}

/** Every name that is declared twice, or used and never declared. */
export function wrongNames(sources: readonly Source[]): readonly Problem[] {
  const all = sources.map(declared)
  const names = new Names(all)
  const missing: Problem[] = []
  for (const { source, kind } of all) {
    for (const [wanted, { fields, each }] of kind === undefined ? [] : REFERENCES[kind]) {
      const value = valueAt(source.value, fields)
      if (each === undefined) {
        if (isMissing(wanted, value)) missing.push(names.missing(source, wanted, fields, value))
      } else if (Array.isArray(value)) {
        for (let index = 0; index < value.length; index += 1) {
          const name = each.length === 0 ? value[index] : valueAt(value[index], each)
          if (isMissing(wanted, name)) missing.push(names.missing(source, wanted, [...fields, index, ...each], name))
        }
      }
    }
  }
  return [...names.duplicates, ...missing]

  function isMissing(wanted: Kind | 'team', name: unknown): name is string {
    return typeof name === 'string' && !names.has(wanted, name)
  }
}

function valueAt(value: unknown, fields: readonly NamingField[]): unknown {
  let at = value
  for (const field of fields) at = fieldOf(at, field)
  return at
}
