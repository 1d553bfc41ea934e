/** A file of settings by name, in YAML, before anybody looks at what they are. */
import { readFile } from 'node:fs/promises'
import { parseDocument } from 'yaml'
import { KerbsideError } from '../core/errors.ts'

/**
 * @param option that names the file, for whoever named another
 * @throws KerbsideError `bad-settings`
 */
export async function readSettingsFile(file: string, option: string): Promise<object> {
  const document = parseDocument(await textOf(file, option))
  const [error] = document.errors
  if (error !== undefined) throw unusable(file, error.message.split('\n')[0] ?? 'it is not YAML')
  const content: unknown = document.toJS() ?? {}
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content
  throw unusable(file, 'it is not a list of settings by name')
}

async function textOf(file: string, option: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new KerbsideError('bad-settings', `\`${file}\` cannot be read`, { cause, hint: `give ${option} a file` })
  }
}

const unusable = (file: string, why: string) => new KerbsideError('bad-settings', `\`${file}\`: ${why}`)
