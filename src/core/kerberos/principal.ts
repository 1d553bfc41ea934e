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

const UNESCAPED = new Map(Array.from(ESCAPES, ([character, written]) => [written, character]))

/** Its parts: `readPrincipal(principalText(components, realm))` gives them back. A text without a realm has an empty one. */
export function readPrincipal(text: string): { readonly components: readonly string[]; readonly realm: string } {
  const parts = ['']
  let at = -1
  for (const [piece] of text.matchAll(/\\.|[^\\]/gsu)) {
    if (piece === '@' && at < 0) at = parts.push('') - 1
    else if (piece === '/' && at < 0) parts.push('')
    else parts[parts.length - 1] += UNESCAPED.get(piece) ?? piece
  }
  return at < 0 ? { components: parts, realm: '' } : { components: parts.slice(0, at), realm: parts[at] ?? '' }
}
