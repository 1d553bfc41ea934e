/** A password or the value of a header, from a file that somebody else may replace at any time. */
import { readFile } from 'node:fs/promises'
import { KerbsideError } from '../core/errors.ts'

const MOST_BYTES = 65_536

/** Without the line end that editors add. @throws KerbsideError `export-failed`, which says nothing of what is in it */
export async function readSecretText(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new KerbsideError('export-failed', `\`${file}\` cannot be read`, { cause })
  })
  const value = text.replace(/\r?\n$/, '')
  if (value !== '' && value.length <= MOST_BYTES) return value
  throw new KerbsideError('export-failed', `\`${file}\` is empty or too long`)
}
