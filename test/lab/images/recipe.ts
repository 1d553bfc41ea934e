/** What an image is made of, before anything is read or packed. */
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import type { Image } from '../../../deploy/image/archive.ts'
import type { Entry } from '../../../deploy/image/tar.ts'

export type Recipe = Omit<Image, 'layers'> & { readonly entries: readonly Entry[] }

/** Changes when an image would. Nothing is read, and where the checkout lies does not matter: another clone has the same. */
export function fingerprint(recipes: readonly Recipe[], ...more: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(more))
  for (const { entries, ...image } of recipes) {
    hash.update(JSON.stringify([image, entries.map(trait)]))
  }
  return hash.digest('hex').slice(0, 16)
}

function trait(entry: Entry): unknown {
  if (!('from' in entry)) return entry
  const { from, ...rest } = entry
  const { size, mtimeMs } = statSync(from)
  // An installed package is what the lock file says; its time is only that of the installation.
  return [rest, size, from.includes('/node_modules/') ? 0 : mtimeMs]
}
