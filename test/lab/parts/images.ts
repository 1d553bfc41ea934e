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
  const write = join(import.meta.dirname, '../images/product.ts')
  await load(PRODUCT, [write, containerdFiles(folder).base], { folder, run, progress })
}

/** @param write a program that writes the archive of an image, and its arguments */
export async function load(
  name: string,
  write: readonly string[],
  { folder, run, progress }: Pick<Inside, 'folder' | 'run' | 'progress'>,
): Promise<void> {
  // An archive that broke off does not import: the pipe needs no check of its own.
  const pipe = '"$@" | ctr --namespace k8s.io images import -'
  const env = { CONTAINERD_SNAPSHOTTER: snapshotterFor(folder) }
  await progress.step(`image ${name}`, () => run(['sh', '-c', pipe, 'sh', process.execPath, ...write], { env }))
}
