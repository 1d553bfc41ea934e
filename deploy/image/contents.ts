/** What an image weighs, and by what: the table that a build prints. */
import { lstatSync } from 'node:fs'
import type { Entry } from './tar.ts'

/** In the order of the table; the first that matches a path counts. */
const KINDS: readonly { readonly name: string; readonly holds: RegExp }[] = [
  { name: 'node', holds: /^kerbside\/bin\/node$/ },
  { name: 'Kerbside', holds: /^kerbside\/(dist|bin|package\.json)/ },
  { name: 'DuckDB', holds: /^kerbside\/node_modules\/@duckdb\/node-bindings-/ },
  { name: 'npm packages', holds: /^kerbside\/node_modules\// },
  { name: 'Kerberos and C libraries', holds: /^(usr\/(bin|lib\d*)|lib\d*)\// },
  { name: 'texts', holds: /^/ },
]

export type Weight = { readonly name: string; readonly files: number; readonly bytes: number }

/** Of each kind that there is; a path given twice counts as its last entry. */
export function weigh(entries: readonly Entry[]): readonly Weight[] {
  const files = [...new Map(entries.map((entry) => [entry.path, entry])).values()].filter(isFile)
  return KINDS.map(({ name, holds }) => {
    const ours = files.filter(({ path }) => KINDS.find((kind) => kind.holds.test(path))?.holds === holds)
    return { name, files: ours.length, bytes: ours.reduce((total, entry) => total + sizeOf(entry), 0) }
  }).filter(({ files: count }) => count > 0)
}

/** What is beside node: ours and all that we need. */
export const besideNode = (weights: readonly Weight[]): number =>
  weights.filter(({ name }) => name !== 'node').reduce((total, { bytes }) => total + bytes, 0)

/** One line for each kind, then the sum beside node. */
export function contentsTable(entries: readonly Entry[]): readonly string[] {
  const weights = weigh(entries)
  const rows = [...weights, { name: 'beside node', files: 0, bytes: besideNode(weights) }]
  return rows.map(({ name, files, bytes }) => {
    const count = files === 0 ? '' : `  ${files} files`
    return `${name.padEnd(26)}${(bytes / 1e6).toFixed(1).padStart(7)} MB${count}`
  })
}

const isFile = (entry: Entry): boolean => 'from' in entry || 'content' in entry

function sizeOf(entry: Entry): number {
  if ('from' in entry) return lstatSync(entry.from).size
  return 'content' in entry ? Buffer.byteLength(entry.content) : 0
}
