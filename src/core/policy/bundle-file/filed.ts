/** A policy filed away and taken out again: the same bundle, with the same hash, and the same `file:line` for everything. */
import { atOnce } from '../../at-once.ts'
import { KerbsideError } from '../../errors.ts'
import type { Bundle } from '../bundle.ts'
import { buildingBundle, type Sha256 } from '../language/build-bundle.ts'
import { formatProblem, type Source } from '../language/problem.ts'
import type { FiledDocument, Payload } from './payload.ts'

/** @param sources of a good bundle, in file order */
export const fileAway = (sources: readonly Source[]): readonly FiledDocument[] => sources.map(fileOne)

function fileOne(source: Source): FiledDocument {
  const { file, value } = source
  const cases = casesOf(value)
  return {
    file,
    line: source.place([]).line,
    ...(cases === undefined ? {} : { caseLines: cases.map((_, index) => source.place(['spec', 'cases', index]).line) }),
    document: value,
  }
}

const casesOf = (document: unknown): readonly unknown[] | undefined => {
  const cases: unknown = Object(Object(document).spec).cases
  return Array.isArray(cases) ? cases : undefined
}

/**
 * The bundle, checked as a directory is checked: who signs can be mistaken, and may have another version.
 * @throws KerbsideError `bundle-bad-content`
 */
export const takeOut = (payload: Payload, sha256: Sha256): Bundle => atOnce(takingOut(payload, sha256))

/** As {@link takeOut}; yields where a pause is possible. */
export function* takingOut({ hash, documents }: Payload, sha256: Sha256): Generator<undefined, Bundle> {
  const result = yield* buildingBundle(documents.map(toSource), { sha256, isHashed: true })
  if ('problems' in result) {
    const lines = result.problems.map(formatProblem).join('\n')
    throw new KerbsideError('bundle-bad-content', `the policy in the bundle is not valid\n${lines}`)
  }
  if (result.bundle.hash === hash) return result.bundle
  const message = `the bundle says that it is ${hash}, and is ${result.bundle.hash}`
  throw new KerbsideError('bundle-bad-content', message)
}

/** Lines that a bundle keeps are those of documents and of cases; of anything else, that of its document is good enough. */
function toSource({ file, line, caseLines = [], document }: FiledDocument): Source {
  return {
    file,
    value: document,
    problems: [],
    isIntact: true,
    place([spec, cases, index]) {
      const isInCase = spec === 'spec' && cases === 'cases' && typeof index === 'number'
      return { file, line: (isInCase ? caseLines[index] : undefined) ?? line, column: 1 }
    },
  }
}
