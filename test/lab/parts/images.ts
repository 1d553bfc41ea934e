/** The product's own image, as this checkout has it. */
import { join } from 'node:path'
import { PRODUCT } from '../images/names.ts'
import { snapshotterFor } from '../images/store.ts'
import type { Inside, Part } from '../part.ts'
import { containerdFiles } from './containerd.ts'

export const images: Part = {
  name: 'images',
  needs: ['containerd'],
  async fetch() {},
  start: loadProduct,
}

/** Compiles, packs and loads the product in one go. Loaded again, the name means the new image from then on. */
export async function loadProduct({
  folder,
  run,
  progress,
}: Pick<Inside, 'folder' | 'run' | 'progress'>): Promise<void> {
  const write = [process.execPath, join(import.meta.dirname, '../images/product.ts'), containerdFiles(folder).base]
  // An archive that broke off does not import: the pipe needs no check of its own.
  const pipe = '"$@" | ctr --namespace k8s.io images import -'
  const env = { CONTAINERD_SNAPSHOTTER: snapshotterFor(folder) }
  await progress.step(`image ${PRODUCT}`, () => run(['sh', '-c', pipe, 'sh', ...write], { env }))
}
