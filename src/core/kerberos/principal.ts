/** Principal names as Kerberos writes them: `quant@LAB`, `HTTP/nn1.lab@LAB`. */

/** Escapes of `krb5_unparse_name` (MIT, lib/krb5/krb/unparse.c). */
const ESCAPES = new Map([
  ['/', '\\/'],
  ['@', '\\@'],
  ['\\', '\\\\'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\b', '\\b'],
  ['\0', '\\0'],
])

const escaped = (part: string) => Array.from(part, (character) => ESCAPES.get(character) ?? character).join('')

/** The one text of a principal: two principals are the same exactly when their texts are. */
export function principalText(components: readonly string[], realm: string): string {
  return `${components.map(escaped).join('/')}@${escaped(realm)}`
}
