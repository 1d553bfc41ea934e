/** Text from strangers, made harmless for a terminal and for one line of a file. */

/**
 * What can move a cursor, end a line or turn text around: C0, DEL and C1 controls, line and paragraph separators,
 * directional marks and overrides (Unicode TR 36), the byte order mark.
 */
const HARMFUL =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu

/** What nearly every text is: then nothing needs to be looked for. */
const PLAIN = /^[\u0020-\u007e]*$/

/** JSON's own escape for each UTF-16 unit: `\u001b`. Inside a JSON string it still means the same character. */
export function escapeUnits(text: string): string {
  if (PLAIN.test(text)) return text
  return text.replace(HARMFUL, (found) => {
    let escaped = ''
    for (let at = 0; at < found.length; at++) {
      escaped += `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`
    }
    return escaped
  })
}

/** The text as it may be shown on a terminal, at most `limit` characters of it. */
export function printable(text: string, limit = Number.POSITIVE_INFINITY): string {
  const safe = escapeUnits(text)
  return safe.length <= limit ? safe : `${safe.slice(0, Math.max(0, limit - 1))}…`
}
