/** What would change in a file, as a person reads it: the lines that go and those that come, in colour. */
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import { printable } from '../core/audit/printable.ts'
import type { Terminal } from './terminal.ts'

export function diffOf(file: string, was: string, text: string, terminal: Terminal): string {
  const patch = createTwoFilesPatch(file, file, was, text, undefined, undefined, {
    context: 2,
    headerOptions: FILE_HEADERS_ONLY,
  })
  const lines = patch.trimEnd().split('\n')
  return lines.map((line) => painted(printable(line), terminal)).join('\n')
}

function painted(line: string, { paint }: Terminal): string {
  if (line.startsWith('+')) return paint('green', line)
  if (line.startsWith('-')) return paint('red', line)
  return line.startsWith('@') ? paint('dim', line) : line
}
