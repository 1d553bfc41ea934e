/** Files that are credentials, and the part of each that is worth looking for. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [FORMAT, KEYTAB, CACHE] = [5, 2, 4]
/** What every token begins with, `{"`, in base64. */
const TOKEN = Buffer.from('eyJ')
const SHORTEST_BYTES = 100

/**
 * Keys and tickets stand at the end, and so does a signature; what all of a kind begin with is no secret. Nothing of a file
 * that is no keytab, credential cache or token.
 */
export function secretOf(bytes: Buffer): Buffer | undefined {
  if (bytes.length < SHORTEST_BYTES) return undefined
  if (bytes[0] === FORMAT && bytes[1] === KEYTAB) return bytes.subarray(-24)
  if (bytes[0] === FORMAT && bytes[1] === CACHE) return bytes.subarray(-64)
  return bytes.subarray(0, TOKEN.length).equals(TOKEN) ? bytes.subarray(-64) : undefined
}

/** Every one of a folder, and of the folders in it, by the name of its file. */
export function secretsIn(folder: string): [file: string, secret: Buffer][] {
  return filesIn(folder).flatMap((file) => {
    const secret = ifThere(() => secretOf(readFileSync(file)))
    return secret === undefined ? [] : [[file, secret]]
  })
}

/** None where there is no folder; one that goes away meanwhile is left out, and no link is followed. */
export function filesIn(folder: string): string[] {
  const entries = ifThere(() => readdirSync(folder, { withFileTypes: true })) ?? []
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesIn(path)
    return entry.isFile() ? [path] : []
  })
}

/** What belongs to a pod or a process may go at any time. */
export function ifThere<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
