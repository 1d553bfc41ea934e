/** What a value of Hadoop's configuration means once the other properties that it names are put in. */
import { KerbsideError } from '../errors.ts'
import type { Configuration } from './read-configuration.ts'

/** `Configuration.MAX_SUBST`: who needs that many never gets a value. */
const MOST_REPLACEMENTS = 20
const LONGEST_VALUE = 64 * 1024
/** `Configuration.findSubVariable`. */
const VARIABLE = /\$\{([^}$ ]+)\}/

/**
 * The value of a property, where there is one: `${name}` becomes the value of that property, again and again. It ends at the
 * first that is no property, which stays as it is written with all that follows, as in Hadoop (`Configuration.substituteVars`);
 * and so do `${env.X}` and properties of a JVM: those that were meant are not ours.
 * @throws KerbsideError `bad-configuration` where properties lead to each other without an end
 */
export function expanded(configuration: Configuration, name: string): string | undefined {
  const written = configuration.get(name)
  if (written === undefined) return undefined
  let text = written
  for (let step = 0; step < MOST_REPLACEMENTS && text.length <= LONGEST_VALUE; step += 1) {
    const found = VARIABLE.exec(text)
    const [whole = '', variable = ''] = found ?? []
    const value = configuration.get(variable.trim())
    if (found === null || value === undefined) return text
    if (value.includes(whole)) return written
    text = text.slice(0, found.index) + value + text.slice(found.index + whole.length)
  }
  throw new KerbsideError('bad-configuration', `\`${name}\` names other properties without an end`, {
    hint: `Hadoop gives up after ${MOST_REPLACEMENTS} as well: write the value out`,
  })
}
