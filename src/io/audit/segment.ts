/** One file of the log. What `append` returned from is on disk; what it threw for is not in the file at all. */
import { constants, fstatSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'

export type SegmentFile = {
  /** Bytes that are known to be on disk. */
  size(): number
  /**
   * Resolves when the bytes are on disk.
   * @throws whatever the file system says; the file then ends where it ended before, or nothing more is appended
   */
  append(bytes: Uint8Array): Promise<void>
  /** Whether the file still has a name: what was removed is lost with whatever is appended to it. */
  isThere(): boolean
  close(): Promise<void>
}

export type OpenSegment = (file: string) => Promise<SegmentFile>

/** open(2): given by tests that need a disk to fail, which a real one does not do when asked. */
export type OpenFile = (file: string, flags: number, mode: number) => Promise<FileHandle>

/** Not for the other containers of the pod, which do not mount the folder; for a group that ships or reads the log. */
const MODE = 0o640
/**
 * O_DSYNC: a write(2) returns when the bytes are on disk, as if fdatasync(2) came after it. It is one turn in the few threads that
 * Node has for files instead of two, and whoever acknowledges waits for each.
 */
const APPEND = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_DSYNC

export async function openSegment(file: string, openFile: OpenFile = open): Promise<SegmentFile> {
  const handle = await openFile(file, APPEND, MODE)
  let size = (await handle.stat()).size
  let isDirty = false

  /**
   * After a write that could not be synced nobody knows which pages are on disk, and the kernel calls all of them clean. Cutting the
   * file back drops them; only when that has reached the disk as well may the next record be written.
   */
  const cutBack = async () => {
    await handle.truncate(size)
    await handle.datasync()
    isDirty = false
  }

  return {
    size: () => size,
    async append(bytes) {
      if (isDirty) await cutBack()
      isDirty = true
      try {
        await writeAll(handle, bytes)
      } catch (failure) {
        await cutBack().catch(() => {})
        throw failure
      }
      isDirty = false
      size += bytes.length
    },
    // Asked of the kernel's memory alone: it waits for no disk.
    isThere: () => fstatSync(handle.fd).nlink > 0,
    close: () => handle.close(),
  }
}

/** write(2) may take a part only, as it does on a disk that is nearly full. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written)
    written += bytesWritten
  }
}

/** Puts the names of a folder on disk: a file that was made and synced can still be missing after a crash without it. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
