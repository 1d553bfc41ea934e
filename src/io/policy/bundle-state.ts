/** The newest policy bundle that was ever in force, on disk: what keeps an old one out after a restart. */
import { readFile } from 'node:fs/promises'
import { KerbsideError } from '../../core/errors.ts'
import { type Edition, isSequence } from '../../core/policy/bundle-file/succession.ts'
import { writeWhole } from '../write-whole.ts'

/**
 * Nothing when there is no file: it is the first start.
 * @throws KerbsideError `bundle-bad-state` when there is one and it says nothing, since then it is not known what it said
 */
export async function recall(file: string): Promise<Edition | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw bad(file, 'cannot be read', error)
  }
  try {
    const { sequence, hash } = Object(JSON.parse(text)) as Readonly<Record<string, unknown>>
    if (isSequence(sequence) && typeof hash === 'string') return { sequence, hash }
  } catch {
    // Told below, as what is JSON and says something else.
  }
  throw bad(file, 'does not say which bundle was the newest')
}

/**
 * Whole and on the disk when it resolves: it is written before the bundle is in force.
 * @throws KerbsideError `bundle-bad-state`
 */
export async function remember(file: string, { sequence, hash }: Edition): Promise<void> {
  try {
    await writeWhole(file, `${JSON.stringify({ sequence, hash })}\n`, 0o600)
  } catch (error) {
    throw bad(file, 'cannot be written', error)
  }
}

function bad(file: string, problem: string, cause?: unknown): KerbsideError {
  const why = cause instanceof Error ? `: ${cause.message}` : ''
  return new KerbsideError('bundle-bad-state', `the record of the newest bundle, \`${file}\`, ${problem}${why}`, {
    cause,
    hint: 'to begin anew, take it away and give --policy-at-least the sequence that is in force',
  })
}
