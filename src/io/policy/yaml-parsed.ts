/** YAML that the plain reader leaves to others: read by a parser without a tree, and by one with a tree what that gives up. */
import type { Source } from '../../core/policy/language/problem.ts'
import { unreadable } from './text.ts'
import { readCarefully } from './yaml-careful.ts'
import { readFast } from './yaml-fast.ts'

/** One source a document; yields where a pause is possible. */
export function* readingParsed(file: string, text: string): Generator<undefined, readonly Source[]> {
  const sources = readFast(file, text)
  if (sources !== undefined) return sources
  const found: Source[] = []
  for (const source of readCarefully(file, text)) {
    if (source === 'too-deep') return [unreadable(file, 'is nested too deep')]
    found.push(source)
    yield
  }
  return found
}
