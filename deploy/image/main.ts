/** Writes Kerbside's image from this checkout to standard output, or with `--tree` the bare file tree, both as tar. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { archive, layerOf, writeAll } from './archive.ts'
import { compile } from './compile.ts'
import { baseEntries, productImage, productVersion, programEntries } from './product.ts'
import { tar } from './tar.ts'

const USAGE = 'usage: node deploy/image/main.ts [--tree] > FILE.tar\n'
const [option, ...rest] = process.argv.slice(2)
if ((option !== undefined && option !== '--tree') || rest.length > 0 || process.stdout.isTTY) {
  process.stderr.write(USAGE)
  process.exit(2)
}

const root = join(import.meta.dirname, '../..')
const compiled = mkdtempSync(join(tmpdir(), 'kerbside-compiled-'))
const STDOUT = 1
try {
  compile(root, compiled)
  const [base, program] = [baseEntries(root), programEntries(root, compiled)]
  const layers = () => ({ base: layerOf(base), program: layerOf(program) })
  if (option === '--tree') writeAll(STDOUT, tar([...base, ...program]))
  else writeAll(STDOUT, archive(productImage(`kerbside:${productVersion(root)}`, root, layers())))
} finally {
  rmSync(compiled, { recursive: true, force: true })
}
