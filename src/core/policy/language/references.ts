/** Which field names which kind of document, and what is named but nowhere declared. Read from raw values, so that a document with other mistakes is checked too. */
import type { Kind } from './documents.ts'
import { Names } from './names.ts'
import type { Problem, Source } from './problem.ts'
import { declared } from './read-document.ts'

const EACH = Symbol('each item of a list')
type Step = string | typeof EACH

/** A team is declared by being an identity's team or a dataset's owner. */
const REFERENCES: Readonly<Record<Kind, readonly (readonly [Kind | 'team', readonly Step[]])[]>> = {
  HadoopCluster: [],
  Identity: [['HadoopCluster', ['spec', 'cluster']]],
  Dataset: [['HadoopCluster', ['spec', 'cluster']]],
  Grant: [
    ['team', ['spec', 'teams', EACH]],
    ['Identity', ['spec', 'identities', EACH]],
    ['Dataset', ['spec', 'datasets', EACH]],
  ],
  Delegation: [
    ['HadoopCluster', ['spec', 'cluster']],
    ['team', ['spec', 'team']],
    ['team', ['spec', 'teams', EACH]],
    ['Dataset', ['spec', 'datasets', EACH]],
  ],
  Policy: [],
  PolicyTest: [['Identity', ['spec', 'cases', EACH, 'identity']]],
}

/** Every name that is declared twice, or used and never declared. */
export function wrongNames(sources: readonly Source[]): readonly Problem[] {
  const names = new Names(sources)
  const missing = sources.flatMap((source) => {
    const { kind } = declared(source)
    return (kind === undefined ? [] : REFERENCES[kind]).flatMap(([wanted, steps]) =>
      textsAt(source.value, steps).flatMap(({ text, path }) => names.missing(source, wanted, path, text)),
    )
  })
  return [...names.duplicates, ...missing]
}

type Text = { readonly text: string; readonly path: readonly PropertyKey[] }

function textsAt(value: unknown, steps: readonly Step[], path: readonly PropertyKey[] = []): readonly Text[] {
  const [step, ...deeper] = steps
  if (step === undefined) return typeof value === 'string' ? [{ text: value, path }] : []
  if (step === EACH) {
    return Array.isArray(value) ? value.flatMap((item, index) => textsAt(item, deeper, [...path, index])) : []
  }
  if (typeof value !== 'object' || value === null) return []
  const inner: unknown = Object.hasOwn(value, step) ? Object.getOwnPropertyDescriptor(value, step)?.value : undefined
  return textsAt(inner, deeper, [...path, step])
}
