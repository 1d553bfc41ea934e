/** The injection file: what the operator decides about every sidecar, in YAML. Webhook, broker and command line read the same one. */
import type { InjectionFile } from '../core/identity/injection.ts'
import { readInjection } from '../core/identity/read-injection.ts'
import { readSettingsFile } from './settings-file.ts'

/**
 * @param overrides values from the command line, which win over the file
 * @throws KerbsideError `bad-settings` that names every problem at once
 */
export async function readInjectionFile(
  file: string,
  overrides: Readonly<Record<string, string>> = {},
): Promise<InjectionFile> {
  return readInjection({ ...(await readSettingsFile(file, '--injection')), ...overrides }, file)
}
