/** YAML read strictly: no anchors, aliases or tags, no key twice, every value with its line. What is wrong is said, all of it. */
import { atOnce } from '../../core/at-once.ts'
import type { Source } from '../../core/policy/language/problem.ts'
import { textOf } from './text.ts'
import { readingParsed } from './yaml-parsed.ts'
import { readPlain } from './yaml-plain.ts'

/** One source a document; a file that is no YAML at all, or no text, is one source too, with its problems. */
export function readYaml(file: string, bytes: Uint8Array): readonly Source[] {
  const text = textOf(file, bytes)
  if (typeof text !== 'string') return [text]
  return readPlain(file, text) ?? atOnce(readingParsed(file, text))
}
