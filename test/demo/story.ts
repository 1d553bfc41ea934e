/** How the demo is told: chapters, sentences, commands with what they print, and a coloured diff. */
import { structuredPatch } from 'diff'

const COLOURED = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined
const paint = (code: string) => (text: string) => (COLOURED ? `\x1b[${code}m${text}\x1b[0m` : text)

export const bold = paint('1')
export const dim = paint('2')
export const red = paint('31')
export const green = paint('32')
export const cyan = paint('36')

let chapters = 0

export function chapter(title: string): void {
  chapters += 1
  console.log(`\n${bold(`${chapters}  ${title}`)}\n`)
}

export const say = (text: string): void => console.log(indent(text, 3))

/** A command as a person types it, then what it printed. */
export function shown(command: string, output: string): void {
  console.log(indent(`${cyan('$')} ${bold(command)}`, 3))
  if (output.trim() !== '') console.log(indent(output.trimEnd(), 5))
}

/** The lines that changed, with two lines around them. */
export function diff(before: string, after: string): void {
  const { hunks } = structuredPatch('before', 'after', before, after, '', '', { context: 2 })
  for (const { lines } of hunks) {
    for (const line of lines) {
      const tint = line.startsWith('+') ? green : line.startsWith('-') ? red : dim
      console.log(indent(tint(line), 3))
    }
    console.log(indent(dim('…'), 3))
  }
}

const indent = (text: string, columns: number): string => text.replace(/^(?=.)/gm, ' '.repeat(columns))
