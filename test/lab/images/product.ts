/**
 * Writes the product's image, as this checkout has it, to standard output: `node product.ts BASE.json`, the base layer left out. With
 * `--review` it is the one that has DuckDB.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { archive, type Layer, layerOf, writeAll } from '../../../deploy/image/archive.ts'
import { bundle } from '../../../deploy/image/bundle.ts'
import { productImage, programEntries, queryEntries } from '../../../deploy/image/product.ts'
import { CHECKOUT, PRODUCT, REVIEW } from './names.ts'

const base = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Layer
const bundled = mkdtempSync(join(tmpdir(), 'kerbside-bundled-'))
try {
  await bundle(CHECKOUT, bundled)
  const layers = [base, layerOf(programEntries(CHECKOUT, bundled))]
  const isReview = process.argv[3] === '--review'
  if (isReview) layers.push(layerOf(queryEntries(CHECKOUT)))
  await writeAll(process.stdout, archive(productImage(isReview ? REVIEW : PRODUCT, CHECKOUT, layers)))
} finally {
  rmSync(bundled, { recursive: true, force: true })
}
