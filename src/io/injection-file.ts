/** The injection file: what the operator decides about every sidecar, in YAML. Webhook, broker and command line read the same one. */
import { readFile } from 'node:fs/promises'
import { parseDocument } from 'yaml'
import { KerbsideError } from '../core/errors.ts'
import type { InjectionFile } from '../core/identity/injection.ts'
import { readInjection } from '../core/identity/read-injection.ts'

/**
 * @param overrides values from the command line, which win over the file
 * @throws KerbsideError `bad-settings` that names every problem at once
 */
export async function readInjectionFile(
  file: string,
  overrides: Readonly<Record<string, string>> = {},
): Promise<InjectionFile> {
  const document = parseDocument(await textOf(file))
  const [error] = document.errors
  if (error !== undefined) throw unusable(file, error.message.split('\n')[0] ?? 'it is not YAML')
  const content: unknown = document.toJS() ?? {}
  if (typeof content !== 'object' || Array.isArray(content))
    throw unusable(file, 'it is not a list of settings by name')
  return readInjection({ ...content, ...overrides }, file)
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new KerbsideError('bad-settings', `\`${file}\` cannot be read`, { cause, hint: 'give --injection a file' })
  }
}

const unusable = (file: string, why: string) => new KerbsideError('bad-settings', `\`${file}\`: ${why}`)
