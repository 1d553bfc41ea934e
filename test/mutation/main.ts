/** `npm run mutate [-- files]`: changes what decides, one place at a time, and wants a test to see each change, or a reason why none can. */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { changeOf, needless, type Survivor, whyOf } from './survivor.ts'
import { type Tried, tryEach } from './try-each.ts'

const ROOT = join(import.meta.dirname, '../..')
const CONFIG = 'test/mutation/stryker.config.json'

type Config = {
  readonly mutate: readonly string[]
  readonly concurrency: number
  readonly jsonReporter: { readonly fileName: string }
}
type Place = { readonly line: number; readonly column: number }
type Mutant = {
  readonly status: string
  readonly replacement: string
  readonly location: { readonly start: Place; readonly end: Place }
}
type Report = { readonly files: Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }> }

const config = JSON.parse(readFileSync(join(ROOT, CONFIG), 'utf8')) as Config
const asked = process.argv.slice(2)
const files = asked.length === 0 ? config.mutate : asked

const large = byStryker()
const small = await tryEach(ROOT, files, { copies: config.concurrency, tell: console.error })
const survivors = [...large.survivors, ...small.survivors]
const unexplained = survivors.filter((survivor) => whyOf(survivor) === undefined)
for (const survivor of unexplained) {
  console.log(`${survivor.file}:${survivor.line}  ${changeOf(survivor)}\n    ${survivor.code.trim()}`)
}
if (asked.length === 0) {
  for (const { file, code, why } of needless(survivors))
    console.log(`explained, and does not survive: ${file} ${code}: ${why}`)
}
const mutants = large.mutants + small.mutants
console.log(
  `${mutants} mutants: ${mutants - survivors.length} killed, ${survivors.length - unexplained.length} explained, ${unexplained.length} neither`,
)
process.exitCode = unexplained.length === 0 ? 0 : 1

/** What Stryker changes: conditions, operators, blocks, texts, calls. Its report keeps files of earlier runs, which are not counted. */
function byStryker(): Tried {
  const words = ['run', CONFIG, ...(asked.length === 0 ? [] : ['--mutate', asked.join()])]
  const { status } = spawnSync(join(ROOT, 'node_modules/.bin/stryker'), words, { cwd: ROOT, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('stryker did not come to an end')
  const report = JSON.parse(readFileSync(join(ROOT, config.jsonReporter.fileName), 'utf8')) as Report
  const wanted = new Set(globSync([...files], { cwd: ROOT }))
  const all = Object.entries(report.files).flatMap(([file, { source, mutants }]) =>
    wanted.has(file) ? mutants.map((mutant) => ({ file, source, mutant })) : [],
  )
  const survivors = all
    .filter(({ mutant: { status } }) => status === 'Survived' || status === 'NoCoverage')
    .map((found) => survivorOf(found))
  return { mutants: all.length, survivors }
}

function survivorOf(found: { readonly file: string; readonly source: string; readonly mutant: Mutant }): Survivor {
  const { location, replacement } = found.mutant
  const lines = found.source.split('\n')
  const at = ({ line, column }: Place) => lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0) + column - 1
  const { line } = location.start
  const from = found.source.slice(at(location.start), at(location.end))
  return { file: found.file, line, code: lines[line - 1] ?? '', from, to: replacement }
}
