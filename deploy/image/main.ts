/**
 * Writes Kerbside's image from this checkout to standard output: an OCI archive, with `--tree` the bare file tree, both as tar;
 * with `--bill` what it is made of, with `--list` its paths. What it weighs goes to standard error.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { archive, layerOf, writeAll } from './archive.ts'
import { BILL_PATH } from './bill-of-materials.ts'
import { bundle } from './bundle.ts'
import { contentsTable } from './contents.ts'
import { baseEntries, paperEntries, productImage, productVersion, programEntries, queryEntries } from './product.ts'
import { tar } from './tar.ts'

const USAGE = 'usage: node deploy/image/main.ts [--review] [--tree | --bill | --list] > FILE\n'

const asked = flags()
const isArchive = asked?.bill !== true && asked?.list !== true
if (asked === undefined || (isArchive && process.stdout.isTTY)) {
  process.stderr.write(USAGE)
  process.exit(2)
}

const root = join(import.meta.dirname, '../..')
const bundled = mkdtempSync(join(tmpdir(), 'kerbside-bundled-'))
try {
  await bundle(root, bundled)
  const layers = [baseEntries(root), [...programEntries(root, bundled), ...paperEntries(root)]]
  if (asked.review) layers.push(queryEntries(root))
  const entries = layers.flat()
  const name = `${asked.review ? 'kerbside-review' : 'kerbside'}:${productVersion(root)}`
  if (asked.bill) process.stdout.write(contentOf(BILL_PATH))
  else if (asked.list) process.stdout.write(`${entries.map(({ path }) => path).join('\n')}\n`)
  else if (asked.tree) await writeAll(process.stdout, tar(entries))
  else await writeAll(process.stdout, archive(productImage(name, root, layers.map(layerOf))))
  process.stderr.write(`${[name, ...contentsTable(entries)].join('\n')}\n`)

  function contentOf(path: string): string {
    const entry = entries.findLast((each) => each.path === path)
    return entry !== undefined && 'content' in entry ? String(entry.content) : ''
  }
} finally {
  rmSync(bundled, { recursive: true, force: true })
}

function flags() {
  const flag = { type: 'boolean', default: false } as const
  try {
    const { values } = parseArgs({ options: { review: flag, tree: flag, bill: flag, list: flag } })
    return [values.tree, values.bill, values.list].filter(Boolean).length > 1 ? undefined : values
  } catch {
    return undefined
  }
}
