/** Writes a tar archive (POSIX ustar) from a list of entries, piece by piece: the same list gives the same bytes. */
import { readFileSync } from 'node:fs'

/** One thing in an archive: a file taken from this machine, a file with given content, a folder, or a symbolic link. */
export type Entry = {
  /** Without a leading slash. */
  readonly path: string
  readonly mode?: number
  readonly uid?: number
  /** Since 1970; zero unless given, so that an archive's hash depends on its content alone. */
  readonly modifiedSeconds?: number
} & (
  | { readonly from: string }
  | { readonly content: string | Buffer }
  | { readonly linkTo: string }
  | { readonly folder: true }
)

const BLOCK_BYTES = 512
const NAME_BYTES = 100
const PREFIX_BYTES = 155
const TYPE = { file: '0', link: '2', folder: '5' } as const
/** Two empty blocks. */
export const END = Buffer.alloc(2 * BLOCK_BYTES)

/** A whole archive, parents before children. Folders that no entry names are added; a path given twice keeps its last entry. */
export function* tar(entries: readonly Entry[]): Generator<Buffer> {
  for (const entry of arranged(entries)) {
    if ('folder' in entry) yield header(entry, { type: TYPE.folder, mode: 0o755, path: `${entry.path}/` })
    else if ('linkTo' in entry) yield header(entry, { type: TYPE.link, mode: 0o777, linkTo: entry.linkTo })
    else {
      const body = 'from' in entry ? readFileSync(entry.from) : Buffer.from(entry.content)
      yield* member(entry, body.length, [body])
    }
  }
  yield END
}

/** One file of an archive that is put together by hand; its size must be known before its bytes are. */
export function* member(entry: Pick<Entry, 'path'>, sizeBytes: number, body: Iterable<Buffer>): Generator<Buffer> {
  yield header(entry, { type: TYPE.file, mode: 0o644, sizeBytes })
  yield* body
  yield Buffer.alloc(padding(sizeBytes))
}

function arranged(entries: readonly Entry[]): Entry[] {
  const byPath = new Map<string, Entry>()
  for (const entry of entries) {
    for (let slash = entry.path.indexOf('/'); slash > 0; slash = entry.path.indexOf('/', slash + 1)) {
      const path = entry.path.slice(0, slash)
      if (!byPath.has(path)) byPath.set(path, { path, folder: true })
    }
    byPath.set(entry.path, entry)
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

type Fields = { type: string; mode: number; sizeBytes?: number; path?: string; linkTo?: string }
type Attributes = Pick<Entry, 'path' | 'mode' | 'uid' | 'modifiedSeconds'>

/** Field offsets: POSIX.1-2017, pax, "ustar Interchange Format". */
function header(entry: Attributes, { type, mode, sizeBytes = 0, path = entry.path, linkTo = '' }: Fields): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES)
  const { prefix, name } = split(path)
  block.write(name, 0)
  block.write(octal(entry.mode ?? mode, 7), 100)
  block.write(octal(entry.uid ?? 0, 7), 108)
  block.write(octal(entry.uid ?? 0, 7), 116)
  block.write(octal(sizeBytes, 11), 124)
  block.write(octal(entry.modifiedSeconds ?? 0, 11), 136)
  block.write(' '.repeat(8), 148)
  block.write(type, 156)
  block.write(linkTo, 157)
  block.write('ustar\x0000', 257)
  block.write(prefix, 345)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${octal(sum, 6)}\0 `, 148)
  return block
}

function split(path: string): { prefix: string; name: string } {
  if (Buffer.byteLength(path) <= NAME_BYTES) return { prefix: '', name: path }
  for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
    const prefix = path.slice(0, slash)
    const name = path.slice(slash + 1)
    if (Buffer.byteLength(prefix) <= PREFIX_BYTES && Buffer.byteLength(name) <= NAME_BYTES) return { prefix, name }
  }
  throw new Error(`path too long for a tar archive: \`${path}\``)
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}

function padding(bytes: number): number {
  return (BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES
}
