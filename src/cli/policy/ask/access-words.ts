/** Text of a policy in Markdown: nothing of it is markup. */
import { printable } from '../../../core/audit/printable.ts'

/** In a cell, a heading or a list of GitHub's Markdown. */
export const escapeMarkdown = (text: string): string =>
  printable(text).replace(/[\\`*_{}[\]<>|#~@!&]/g, (sign) => `&#${sign.charCodeAt(0)};`)

export const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head.map((word) => word.toLowerCase()), head.map(() => '---'), ...rows.map((row) => row.map(escapeMarkdown))]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
