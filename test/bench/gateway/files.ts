/** The files that the ways are measured with: one large, many small, made straight in HDFS and removed again. */
import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Standing } from '../../e2e/gateway/standing.ts'
import { curl } from './curl.ts'
import type { Way } from './ways.ts'

export const FOLDER = '/team/quant/bench-ways'
export const LARGE = `${FOLDER}/large`
export const LARGE_BYTES = 1_000_000_000
export const SMALL_FILES = 250
export const SMALL_BYTES = 16_000

/** In the lab's folder: what is uploaded. */
export type Local = { readonly large: string; readonly small: string; readonly written: string }

export const WRITTEN_BYTES = 64_000_000

export const smallFile = (index: number): string => `${FOLDER}/small-${index % SMALL_FILES}`

/** @returns local files that can be uploaded again */
export async function makeFiles(standing: Standing, direct: Way, say: (text: string) => void): Promise<Local> {
  const at = (name: string) => join(standing.lab.folder.path, `bench-${name}`)
  const local = { large: at('large'), small: at('small'), written: at('written') }
  // Holes read as zeros: nothing on the way compresses.
  const sizes = { large: LARGE_BYTES, small: SMALL_BYTES, written: WRITTEN_BYTES }
  for (const name of ['large', 'small', 'written'] as const) {
    writeFileSync(local[name], '')
    truncateSync(local[name], sizes[name])
  }
  const authority = standing.lab.files.authority
  const create = (path: string) => `${path}?op=CREATE&overwrite=true&replication=1`
  await curl(authority, { way: direct, paths: [create(LARGE)], upload: local.large })
  say(`${LARGE_BYTES / 1e6} MB written`)
  const small = Array.from({ length: SMALL_FILES }, (_, index) => create(smallFile(index)))
  await curl(authority, { way: direct, paths: small, parallel: 4, upload: local.small })
  say(`${SMALL_FILES} files of ${SMALL_BYTES / 1000} kB written`)
  return local
}

export async function removeFiles(standing: Standing, local: Local): Promise<void> {
  for (const file of Object.values(local)) rmSync(file)
  await standing.direct('DELETE', `${FOLDER}?op=DELETE&recursive=true`)
}
