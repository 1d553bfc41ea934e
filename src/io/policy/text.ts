/** A policy file as text; or, where it is none, as a source that says so. */
import type { Source } from '../../core/policy/language/problem.ts'

export function textOf(file: string, bytes: Uint8Array): string | Source {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.startsWith('\ufeff') ? unreadable(file, 'begins with a byte order mark') : text
  } catch {
    return unreadable(file, 'is not UTF-8')
  }
}

/** A source for a file of which nothing is known but why. */
export function unreadable(file: string, message: string): Source {
  const place = { file, line: 1, column: 1 }
  return { file, value: undefined, problems: [{ ...place, message }], isIntact: false, place: () => place }
}
