/** YAML read strictly: no anchors, aliases or tags, no key twice, every value with its line. What is wrong is said, all of it. */
import { atOnce } from '../../core/at-once.ts'
import type { Source } from '../../core/policy/language/problem.ts'
import { readCarefully } from './yaml-careful.ts'
import { readFast } from './yaml-fast.ts'
import { readPlain } from './yaml-plain.ts'

/** One source a document; a file that is no YAML at all, or no text, is one source too, with its problems. */
export const readYaml = (file: string, bytes: Uint8Array): readonly Source[] => atOnce(readingYaml(file, bytes))

/** As {@link readYaml}; yields where a pause is possible. */
export function* readingYaml(file: string, bytes: Uint8Array): Generator<undefined, readonly Source[]> {
  const text = decode(bytes)
  if (typeof text !== 'string') return [unreadable(file, text.problem)]
  const sources = readPlain(file, text) ?? readFast(file, text)
  if (sources !== undefined) return sources
  const found: Source[] = []
  for (const source of readCarefully(file, text)) {
    if (source === 'too-deep') return [unreadable(file, 'is nested too deep')]
    found.push(source)
    yield
  }
  return found
}

/** A source for a file of which nothing is known but why. */
export function unreadable(file: string, message: string): Source {
  const place = { file, line: 1, column: 1 }
  return { file, value: undefined, problems: [{ ...place, message }], isIntact: false, place: () => place }
}

function decode(bytes: Uint8Array): string | { readonly problem: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.startsWith('\ufeff') ? { problem: 'begins with a byte order mark' } : text
  } catch {
    return { problem: 'is not UTF-8' }
  }
}
