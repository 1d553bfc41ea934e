/** Every malformed file is a named error, as its table says, and no byte of a key is in anything that is told. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { causeFields, makeLog } from '../sidecar/log.ts'
import { CANARY, MALFORMED } from './fixtures/malformed/files.ts'
import { told } from './fixtures/malformed/told.ts'

const FOLDER = join(import.meta.dirname, 'fixtures', 'malformed')
const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8')
const ROWS = [...readme.matchAll(/^\| `(\w+)\/([\w.-]+)` \| [^|]+ \| ([\w-]+) +\| (.+?) +\|$/gm)].map(
  ([, kind = '', name = '', code = '', message = '']) => ({ kind, name, code, message }),
)
/** Six of its characters in any of the ways in which bytes become text; base64 at each of its three offsets. */
const PART = Buffer.from(CANARY.slice(0, 6))
const TRACES = [
  PART.toString('latin1'),
  PART.toString('hex'),
  ...[0, 1, 2].map((pad) =>
    Buffer.concat([Buffer.alloc(pad), PART])
      .toString('base64')
      .slice(4, 8),
  ),
  [...PART].join(','),
]

test('the table has every file of the folder, and no other; each is made as it lies there', () => {
  const names = ROWS.map(({ kind, name }) => `${kind}/${name}`)
  const lying = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath !== FOLDER)
    .map((entry) => join(entry.parentPath, entry.name).slice(FOLDER.length + 1))
  expect(names.length).toBeGreaterThan(60)
  expect([...names].sort()).toEqual(lying.sort())
  for (const [kind, files] of Object.entries(MALFORMED)) {
    for (const [name, , content] of files) {
      expect(readFileSync(join(FOLDER, kind, name)).equals(Buffer.from(content)), `${kind}/${name}`).toBe(true)
    }
  }
})

test.each(ROWS)('$kind/$name: $code', ({ kind, name, code, message }) => {
  const error = told(kind, name, readFileSync(join(FOLDER, kind, name)))
  expect(error).toMatchObject({ code, message })
  const lines: string[] = []
  const log = makeLog({ level: 'debug', out: (line) => lines.push(line), clock: () => 0 })
  log.error(error.message, { code: error.code, hint: error.hint ?? '', ...causeFields(error.cause) })
  const everything = [
    error.message,
    error.hint,
    error.stack,
    String(error.cause),
    String(Object(error.cause).stack),
    ...lines,
  ]
  for (const trace of TRACES) expect(everything.join('\n').toLowerCase()).not.toContain(trace.toLowerCase())
})

test('the canary would be found: it lies in many of the files', () => {
  const holding = ROWS.filter(({ kind, name }) => readFileSync(join(FOLDER, kind, name)).includes(CANARY))
  expect(holding.length).toBeGreaterThan(30)
})
