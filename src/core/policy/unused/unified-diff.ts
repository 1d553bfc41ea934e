/** Edits of a text's lines, as the new text and as the unified diff that `patch` and `git apply` take. */

/** By line, from 0: what stands there instead. No lines: it is gone. */
export type LineEdits = ReadonlyMap<number, readonly string[]>

const CONTEXT = 3

/** Lines with their ends, so that CRLF and a missing last end stay what they are. */
export const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? []

export const edited = (text: string, edits: LineEdits): string =>
  linesOf(text)
    .flatMap((line, index) => edits.get(index) ?? [line])
    .join('')

/** @param name of the file, relative to where the patch is applied with `-p1`. A file of which nothing is left is deleted. */
export function unifiedDiff(name: string, text: string, edits: LineEdits): string {
  const lines = linesOf(text)
  const changed = [...edits.keys()].sort((one, other) => one - other)
  if (changed.length === 0) return ''
  const isGone = edited(text, edits) === ''
  const head = [
    `diff --git ${quoted(`a/${name}`)} ${quoted(`b/${name}`)}`,
    ...(isGone ? ['deleted file mode 100644'] : []),
    `--- ${quoted(`a/${name}`)}`,
    `+++ ${isGone ? '/dev/null' : quoted(`b/${name}`)}`,
  ]
  let shift = 0
  const hunks = stretches(changed, lines.length).map(({ from, until }) => {
    const { rows, removed, added } = rowsOf(lines, edits, from, until)
    const [before, after] = [until - from, until - from - removed + added]
    const at = `@@ -${span(from, before)} +${span(from + shift, after)} @@\n`
    shift += after - before
    return at + rows.join('')
  })
  return `${head.join('\n')}\n${hunks.join('')}`
}

/** Lines that a hunk shows, `from <= line < until`; those whose context meets are one. */
function stretches(
  changed: readonly number[],
  count: number,
): readonly { readonly from: number; readonly until: number }[] {
  const found: { from: number; until: number }[] = []
  for (const line of changed) {
    const from = Math.max(0, line - CONTEXT)
    const until = Math.min(count, line + 1 + CONTEXT)
    const last = found.at(-1)
    if (last !== undefined && from <= last.until) last.until = until
    else found.push({ from, until })
  }
  return found
}

function rowsOf(lines: readonly string[], edits: LineEdits, from: number, until: number) {
  const rows: string[] = []
  let [removed, added] = [0, 0]
  // What is added comes after all that it replaces.
  let pending: string[] = []
  const flush = () => {
    rows.push(...pending.map((line) => row('+', line)))
    pending = []
  }
  for (let index = from; index < until; index += 1) {
    const line = lines[index] ?? ''
    const instead = edits.get(index)
    if (instead === undefined) {
      flush()
      rows.push(row(' ', line))
      continue
    }
    rows.push(row('-', line))
    pending.push(...instead)
    removed += 1
    added += instead.length
  }
  flush()
  return { rows, removed, added }
}

const row = (mark: string, line: string): string =>
  line.endsWith('\n') ? mark + line : `${mark}${line}\n\\ No newline at end of file\n`

/** Of nothing, the line before it is given. */
const span = (from: number, count: number): string => `${count === 0 ? from : from + 1},${count}`

/** As git quotes a name that has more than printable ASCII in it. */
function quoted(name: string): string {
  if (/^[ !#-[\]-~]+$/.test(name)) return name
  const bytes = [...encodeURIComponent(name).matchAll(/%([0-9A-F]{2})|(.)/g)].map(([, hex, letter]) => {
    const code = hex === undefined ? (letter ?? '').charCodeAt(0) : Number.parseInt(hex, 16)
    if (code === 0x22 || code === 0x5c) return `\\${String.fromCharCode(code)}`
    return code > 0x1f && code < 0x7f ? String.fromCharCode(code) : `\\${code.toString(8).padStart(3, '0')}`
  })
  return `"${bytes.join('')}"`
}
