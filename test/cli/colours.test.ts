/** Colour is for terminals that have some: in front of a pseudo-terminal (`script`, which every Debian has), as a person sits. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { ROOT } from '../suite.ts'

const KERBSIDE = `'${process.execPath}' '${join(ROOT, 'src/kerbside.ts')}'`
const ASKED = `policy who-can read /data/market '${join(ROOT, 'policies')}'`

function onTerminal(command: string, env: Readonly<Record<string, string>>): string {
  // Whatever else is set here, as `CI` is in a pipeline, may say something about colours.
  const { PATH, HOME } = process.env
  const words = ['--quiet', '--command', command, '/dev/null']
  return execFileSync('script', words, {
    env: { PATH, HOME, TERM: 'xterm-256color', ...env },
    encoding: 'utf8',
    input: '',
  })
}
const isPlain = (text: string) => stripVTControlCharacters(text) === text

test('a terminal gets colours, and one that has none or does not want them gets the same words plain', () => {
  const coloured = onTerminal(`${KERBSIDE} ${ASKED}`, {})
  expect(isPlain(coloured)).toBe(false)
  for (const env of [{ TERM: 'dumb' }, { NO_COLOR: '1' }]) {
    const plain = onTerminal(`${KERBSIDE} ${ASKED}`, env)
    expect(isPlain(plain), JSON.stringify(env)).toBe(true)
    expect(withoutTime(plain)).toBe(withoutTime(stripVTControlCharacters(coloured)))
  }
})

test('what goes to a file is plain, also when the other stream is a terminal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-colours-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const at = (name: string) => join(folder, name)
  const make = `${KERBSIDE} policy build '${join(ROOT, 'policies')}' --sequence 1 --unsigned --skip-tests --out '${at('p.json')}'`
  onTerminal(`${make} && ${KERBSIDE} policy who-can read /data/market '${at('p.json')}' 2> '${at('errors')}'`, {})
  onTerminal(`${KERBSIDE} ${ASKED} > '${at('answer')}'`, {})
  expect(readFileSync(at('errors'), 'utf8')).toContain('not verified')
  for (const name of ['errors', 'answer']) expect(isPlain(readFileSync(at(name), 'utf8')), name).toBe(true)
})

const withoutTime = (text: string) => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'NOW')
