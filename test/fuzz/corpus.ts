/** Requests kept in files that a person can read: what real clients sent, traps, and finds of earlier runs. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, 'corpus')
const RULE = '\n###\n'
const HOST = '{{host}}'

/** All of them as bytes, one character each, with CRLF between lines; `{{host}}` is left for the sender. */
export function readCorpus(): readonly string[] {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.http'))
  return files.sort().flatMap((name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8').replace(/\n$/, '')
    return text.split(RULE).slice(1).map(fromText)
  })
}

/** Keeps a find for every later run. */
export function keepFind(what: string, request: string): string {
  const file = join(FOLDER, `found-${createHash('sha256').update(request).digest('hex').slice(0, 12)}.http`)
  writeFileSync(file, `# ${what}${RULE}${toText(request)}`)
  return file
}

export const withHost = (request: string, host: string): string => request.replaceAll(HOST, host)

/** `\r`, `\n`, `\t`, `\0`, `\xff` and `\\` stand for what they say; each line ends with CRLF. A head alone needs no empty line. */
function fromText(text: string): string {
  return (text.includes('\n\n') ? text : `${text.replace(/\n$/, '')}\n\n`)
    .replaceAll('\n', '\r\n')
    .replace(/\\(?:x([0-9a-f]{2})|([rnt0\\]))/g, (_all, hex: string | undefined, letter: string | undefined) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
      return LETTERS.get(letter ?? '') ?? ''
    })
}

const LETTERS = new Map([
  ['r', '\r'],
  ['n', '\n'],
  ['t', '\t'],
  ['0', '\0'],
  ['\\', '\\'],
])

function toText(request: string): string {
  return `${request
    .replaceAll('\\', '\\\\')
    .replaceAll('\r\n', '\n')
    .replace(/[^\n -~]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)}\n`
}

/** For a person at a terminal. */
export const shown = (request: string): string => toText(request).trimEnd()
