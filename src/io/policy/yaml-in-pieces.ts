/**
 * The same as `yaml.ts` reads at once, in pieces: a webhook and a broker have requests to answer meanwhile. To load the
 * parsers takes as long as to read thousands of plain documents, so that is done for the first file that needs one.
 */
import { setImmediate as pause } from 'node:timers/promises'
import type { Source } from '../../core/policy/language/problem.ts'
import { inPieces } from '../in-pieces.ts'
import { textOf } from './text.ts'
import { readPlain } from './yaml-plain.ts'

export async function readYamlInPieces(file: string, bytes: Uint8Array): Promise<readonly Source[]> {
  await pause()
  const text = textOf(file, bytes)
  if (typeof text !== 'string') return [text]
  const plain = readPlain(file, text)
  if (plain !== undefined) return plain
  const { readingParsed } = await import('./yaml-parsed.ts')
  return inPieces(readingParsed(file, text))
}
