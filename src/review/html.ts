/** HTML that is escaped by construction: text becomes markup in one place only, the literal parts of {@link html}. */

const markup = Symbol('markup')

/** Markup that {@link html} made. No other code can make one: a string is always text. */
export type Html = { readonly [markup]: string }

/** What may stand in a template: text and numbers are escaped, markup and lists of it are put in, nothing is nothing. */
export type Part = string | number | undefined | false | Html | readonly Part[]

export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = literals[0] ?? ''
  for (const [index, part] of parts.entries()) text += render(part) + (literals[index + 1] ?? '')
  return { [markup]: text }
}

/** The markup as text, for the answer to a request. */
export const textOf = (made: Html): string => made[markup]

function render(part: Part): string {
  if (part === undefined || part === false) return ''
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part))
  return markup in part ? part[markup] : part.map(render).join('')
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
  ['`', '&#96;'],
])

/** Right for text and for attribute values in quotes, the only places where templates put text. */
const escapeText = (text: string): string => text.replace(/[&<>"'`]/g, (character) => ESCAPES.get(character) ?? '')
