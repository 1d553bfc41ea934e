/** The lab's configuration files are templates beside this file: what stands in `{{…}}` is filled in. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Throws when the template asks for a value that is not given: a half-filled file is found late. */
export function render(template: string, values: Readonly<Record<string, string>>): string {
  const text = readFileSync(join(import.meta.dirname, template), 'utf8')
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`template \`${template}\` asks for \`${name}\``)
    return value
  })
}
