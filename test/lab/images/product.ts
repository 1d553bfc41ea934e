/** Writes the product's image, as this checkout has it, to standard output: `node product.ts BASE.json`, the base layer left out. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { archive, type Layer, layerOf, writeAll } from '../../../deploy/image/archive.ts'
import { bundle } from '../../../deploy/image/bundle.ts'
import { productImage, programEntries } from '../../../deploy/image/product.ts'
import { CHECKOUT, PRODUCT } from './names.ts'

const base = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Layer
const bundled = mkdtempSync(join(tmpdir(), 'kerbside-bundled-'))
try {
  await bundle(CHECKOUT, bundled)
  const program = layerOf(programEntries(CHECKOUT, bundled))
  await writeAll(process.stdout, archive(productImage(PRODUCT, CHECKOUT, [base, program])))
} finally {
  rmSync(bundled, { recursive: true, force: true })
}
