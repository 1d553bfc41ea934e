/** Packs an image and puts it where the kubelet looks, in one go: no registry, and no file on the way. */
import { join } from 'node:path'
import type { Inside } from '../part.ts'
import type { LabImage } from './lab-images.ts'

/** A name loaded again means the new image from then on. */
export async function loadImage(
  { folder, run, progress }: Pick<Inside, 'folder' | 'run' | 'progress'>,
  name: LabImage,
) {
  const write = [process.execPath, join(import.meta.dirname, 'main.ts'), folder.cache, name]
  // An archive that broke off does not import: the pipe needs no check of its own.
  const pipe = '"$@" | ctr --namespace k8s.io images import -'
  await progress.step(`image ${name}`, () => run(['sh', '-c', pipe, 'sh', ...write]))
}
