/**
 * containerd's store with the images that seldom change, unpacked once and kept in the cache: hashing and unpacking them
 * costs as much processor time as the rest of Kubernetes' start. A lab takes it as hard links.
 */
import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, statfsSync, statSync, symlinkSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { baseEntries } from '../../../deploy/image/product.ts'
import { cached } from '../build/cached.ts'
import { fromPypi, pypiFolder } from '../build/pypi.ts'
import { debianPackages } from '../debian.ts'
import type { LabFolder, Progress } from '../part.ts'
import { BASE, CHECKOUT } from './names.ts'
import { pauseImage } from './pause.ts'
import { fingerprint, type Recipe } from './recipe.ts'
import { trainImage } from './train.ts'

const run = promisify(execFile)
const PREFIX = 'containerd-images-'
const UNUSED_DAYS = 7

type Cache = Pick<LabFolder, 'cache'>

export function storeRecipes(folder: Cache): Recipe[] {
  return [pauseImage(), trainImage(pypiFolder(folder, 'clients')), { name: BASE, entries: baseEntries(CHECKOUT) }]
}

/** Outside a lab. Makes the store if this machine has none like it, and leaves {@link currentStore}. */
export async function makeStore(folder: LabFolder, progress: Progress): Promise<void> {
  const programs = { '/bin/busybox': 'busybox-static', '/usr/bin/curl': 'curl', '/usr/bin/python3': 'python3' }
  const kerberos = { '/usr/bin/kinit': 'krb5-user', '/usr/bin/kvno': 'krb5-user' }
  await debianPackages(folder, progress, { ...programs, ...kerberos, containerd: 'containerd', unshare: 'util-linux' })
  await fromPypi(folder, progress, 'clients')
  const store = await cached(storePath(folder), async (unfinished) => {
    // Of its processes and mounts none is left when it ends, however it ends.
    const alone = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
    const fill = [process.execPath, join(import.meta.dirname, 'fill-store.ts'), folder.cache, unfinished]
    // `ctr` reads this.
    const env = { ...process.env, CONTAINERD_SNAPSHOTTER: snapshotterFor(folder) }
    await progress.step('images: packed and unpacked', () => run('unshare', [...alone, ...fill], { env }))
  })
  const current = currentStore(folder)
  symlinkSync(store, `${current}.${process.pid}`)
  renameSync(`${current}.${process.pid}`, current)
  const now = new Date()
  utimesSync(store, now, now)
  dropUnused(folder)
}

/** The store that this checkout's labs take: `root` for containerd, `base.json` for who packs the product on top of it. */
export function currentStore(folder: LabFolder): string {
  const mark = createHash('sha256')
    .update(`${CHECKOUT} ${snapshotterFor(folder)}`)
    .digest('hex')
    .slice(0, 12)
  return join(folder.cache, `containerd-of-${mark}`)
}

function storePath(folder: LabFolder): string {
  const containerd = execFileSync('containerd', ['--version'], { encoding: 'utf8' })
  const lock = readFileSync(join(CHECKOUT, 'package-lock.json'), 'utf8')
  const key = fingerprint(storeRecipes(folder), containerd, lock, snapshotterFor(folder))
  return join(folder.cache, `${PREFIX}${key}`)
}

/** Stores of older dependencies that nobody has taken for a while, and what pointed to them. */
function dropUnused({ cache }: Cache): void {
  const oldest = Date.now() - UNUSED_DAYS * 24 * 3600 * 1000
  for (const path of readdirSync(cache)
    .filter((name) => name.startsWith('containerd-'))
    .map((name) => join(cache, name))) {
    const used = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (used < oldest) rmSync(path, { recursive: true, force: true })
  }
}

const OVERLAYFS_MAGIC = 0x794c7630

/** An overlay cannot be the upper layer of another: in a container whose root is one, files are copied instead. */
export function snapshotterFor(folder: LabFolder): string {
  return statfsSync(dirname(folder.path)).type === OVERLAYFS_MAGIC ? 'native' : 'overlayfs'
}
