/** What a scalar without quotes is, as YAML 1.2's core schema has it (10.3.2): text, unless it is a word or a number. */

const WORDS = new Map<string, boolean | null>([
  ...['~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
])
const LONGEST_WORD = 5
const PLAIN_NUMBER = /^(0|[1-9]\d{0,14})$/
/** All that numbers are, and more: dates too. */
const MAYBE_NUMBER = /^[-+.]*(\d[-+.\da-fox]*|inf|nan)$/i
const NINE = '9'.charCodeAt(0)

/**
 * @param text not empty
 * @param asked says what something is that may be a number in a rare form, or none
 */
export function plainValue(text: string, asked: (text: string) => unknown): unknown {
  // Signs, the dot and digits all come before the letters.
  if (text.charCodeAt(0) > NINE) return text.length > LONGEST_WORD ? text : WORDS.has(text) ? WORDS.get(text) : text
  if (PLAIN_NUMBER.test(text)) return Number(text)
  return MAYBE_NUMBER.test(text) ? asked(text) : text
}
