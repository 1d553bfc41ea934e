/** A real file system that is really full: a tmpfs of a few pages. Needs root, as mount(8) does. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const canMount = process.getuid?.() === 0

export type SmallDisk = { readonly path: string; unmount(): void }

/** @param kib size in KiB, in whole pages of 4 */
export function mountSmallDisk(kib: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'kerbside-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', path])
  return {
    path,
    unmount() {
      execFileSync('umount', [path])
      rmdirSync(path)
    },
  }
}
