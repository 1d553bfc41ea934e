/**
 * Files that are replaced all at once, as Kubernetes replaces those of a volume: a set is a folder that nobody writes to any
 * more, `..data` is a link to the newest one, and what readers open is a link through it.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const NEWEST = '..data'

/**
 * Makes the set what the folder holds, by names such as `hadoop/core-site.xml`. Everyone may read it. One that is there already is
 * not written again. The set before it stays until the next change, for readers that are on their way through it.
 * @throws what the file system throws; the folder then holds what it held
 */
export async function replaceFileSet(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  const set = nameOf(files)
  const before = await newestIn(folder)
  if (before === set) return
  await mkdir(folder, { recursive: true, mode: 0o755 })
  await writeSet(join(folder, set), files)
  await replaceLink(folder, NEWEST, set)
  const tops = new Set([...files.keys()].map((name) => name.split('/')[0] ?? name))
  for (const top of tops) await replaceLink(folder, top, join(NEWEST, top))
  const kept = [NEWEST, set, before]
  const gone = (await readdir(folder)).filter((name) => name.startsWith('..') && !kept.includes(name))
  for (const name of gone) await rm(join(folder, name), { recursive: true, force: true })
}

/** By what is in it, so that the same set has the same name. */
function nameOf(files: ReadonlyMap<string, string>): string {
  const digest = createHash('sha256').update(JSON.stringify([...files]))
  return `..${digest.digest('hex').slice(0, 16)}`
}

/** Whole, or not under its name: a start that was killed may have left half of one. */
async function writeSet(set: string, files: ReadonlyMap<string, string>): Promise<void> {
  const unfinished = `${set}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  for (const [name, text] of files) {
    await mkdir(dirname(join(unfinished, name)), { recursive: true, mode: 0o755 })
    await writeFile(join(unfinished, name), text, { mode: 0o644 })
  }
  await rm(set, { recursive: true, force: true })
  await rename(unfinished, set)
}

/** A link cannot be changed, only renamed over. */
async function replaceLink(folder: string, name: string, target: string): Promise<void> {
  const at = join(folder, name)
  if ((await readlink(at).catch(() => undefined)) === target) return
  const unfinished = join(folder, `..link-${name.replace(/^\.+/, '')}`)
  await rm(unfinished, { recursive: true, force: true })
  await symlink(target, unfinished)
  await rename(unfinished, at)
}

const newestIn = (folder: string): Promise<string | undefined> => readlink(join(folder, NEWEST)).catch(() => undefined)
