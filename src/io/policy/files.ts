/** The files of a policy directory, as bytes: any folders, `*.yaml` and `*.yml`, also as a ConfigMap mounts them. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { KerbsideError } from '../../core/errors.ts'

/** `name` is relative to the directory, with `/`. */
export type PolicyFile = { readonly name: string } & ({ readonly bytes: Buffer } | { readonly problem: string })

export const LARGEST_FILE_BYTES = 1024 * 1024
export const LARGEST_TOTAL_BYTES = 16 * 1024 * 1024
/** Of the directory as a whole, and so of each file in it. */
export const TOO_LARGE_A_DIRECTORY = `holds more than ${LARGEST_TOTAL_BYTES / 1024 / 1024} MiB of policy`

/**
 * All of them, in the order of their names. Names that begin with a dot are passed over.
 * @throws KerbsideError `bad-policy` when the directory itself cannot be read
 */
export async function readPolicyFiles(directory: string): Promise<readonly PolicyFile[]> {
  const root = await entered(directory)
  const found: Found = { files: [], bytes: 0 }
  await collect({ folder: root, name: '', around: [] }, found).catch((cause: NodeJS.ErrnoException) => {
    const message = `the policy directory \`${directory}\` cannot be read: ${whyNot(cause)}`
    throw new KerbsideError('bad-policy', message, { cause })
  })
  // Swapped while it was read: what was found may be half gone.
  if ((await entered(directory)) !== root) return readPolicyFiles(directory)
  const isTooLarge = found.bytes > LARGEST_TOTAL_BYTES
  // Which of them were read by then is chance, and none of them counts.
  const files = isTooLarge ? found.files.map(({ name }) => ({ name, problem: TOO_LARGE_A_DIRECTORY })) : found.files
  return files.sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** A ConfigMap's folder is swapped as a whole behind `..data`: read through it, so that no half of a change is seen. */
async function entered(folder: string): Promise<string> {
  return realpath(join(folder, '..data')).catch(() => folder)
}

type Folder = { readonly folder: string; readonly name: string; readonly around: readonly string[] }

/** What was found so far, and how large it is without what is too large by itself. */
type Found = { readonly files: PolicyFile[]; bytes: number }

async function collect({ folder, name, around }: Folder, found: Found): Promise<void> {
  const real = await realpath(folder)
  if (around.includes(real)) {
    found.files.push({ name, problem: 'is a link back to a folder around it' })
    return
  }
  const entries = (await readdir(folder)).filter((entry) => !entry.startsWith('.'))
  // Together, since a network file system has to be asked for each.
  await Promise.all(entries.map(take))

  async function take(entry: string): Promise<void> {
    const path = join(folder, entry)
    const inner = name === '' ? entry : `${name}/${entry}`
    try {
      const about = await stat(path)
      if (about.isDirectory()) {
        await collect({ folder: await entered(path), name: inner, around: [...around, real] }, found)
      } else if (/\.ya?ml$/i.test(entry)) {
        found.files.push(
          about.isFile() ? await read(path, inner, about.size) : { name: inner, problem: 'is not a file' },
        )
      }
    } catch (error) {
      found.files.push({ name: inner, problem: `cannot be read: ${whyNot(error as NodeJS.ErrnoException)}` })
    }
  }

  async function read(path: string, name: string, bytes: number): Promise<PolicyFile> {
    if (bytes > LARGEST_FILE_BYTES) {
      return {
        name,
        problem: `is larger than ${LARGEST_FILE_BYTES / 1024} KiB: spread its documents over several files`,
      }
    }
    // Whoever fills the folder does not fill our memory.
    found.bytes += bytes
    return found.bytes > LARGEST_TOTAL_BYTES
      ? { name, problem: TOO_LARGE_A_DIRECTORY }
      : { name, bytes: await readFile(path) }
  }
}

const WORDS = new Map([
  ['ENOENT', 'it does not exist'],
  ['ENOTDIR', 'it is not a folder'],
  ['EACCES', 'permission denied'],
  ['ELOOP', 'its links lead in a circle'],
  ['ENAMETOOLONG', 'its name is too long'],
  ['ENOSPC', 'there is no room'],
])

/** Why a file cannot be read or written, without the name of a system call. */
export const whyNot = (error: NodeJS.ErrnoException): string => WORDS.get(error.code ?? '') ?? error.message
