/** The tree that is attacked: what is granted, and canaries in every place that is not. Laid out and compared past the gateway. */
import { randomBytes } from 'node:crypto'
import { Sweep } from '../sweep/sweep.ts'
import { type Observed, observe } from './observe.ts'
import type { Privileged } from './privileged.ts'

/** Where the granted and the denied stand; requests know these names, and never a canary's. */
const OPEN_FILES = ['/fuzz/open/a.csv', '/fuzz/open/sub/b.csv', '/fuzz/open/caf\u00e9.csv', '/fuzz/frozen/live.csv']
const OWN_FILES = ['/fuzz/home/x', '/fuzz/home/dir/y', '/fuzz/home/kept/known.csv']
const DENIED_FOLDERS = [
  ...['/fuzz/open/secret', '/fuzz/open/walled', '/fuzz/open-secret', '/fuzz/other', '/fuzz/other/deep'],
  '/user/quant/.Trash/Current',
]
/** Its content is denied, its name is not. */
const DROPPED = '/fuzz/home/drop/dropped.csv'
const SNAPSHOTS = { '/fuzz/open': 's0', '/fuzz/frozen': 's1', '/fuzz/other': 's2' } as const
/** The superuser may do anything, so nothing but the gateway stands between a request and the tree. */
const TOPS = ['/fuzz', '/user/quant/.Trash']

/** Paths that requests are made of. */
export const KNOWN = {
  allowed: [
    ...OPEN_FILES,
    ...OWN_FILES,
    '/fuzz/open',
    '/fuzz/open/sub',
    '/fuzz/home',
    '/fuzz/home/dir',
    '/fuzz/frozen',
  ],
  denied: [...DENIED_FOLDERS, ...DENIED_FOLDERS.map((folder) => `${folder}/known.csv`), DROPPED, '/data/weather'],
  between: ['/', '/fuzz', '/user', '/user/quant', '/team', '/data', '/fuzz/home/drop', '/fuzz/home/kept'],
} as const

export type World = {
  /** Finds canaries: a word in every denied name, and one in every denied file, attribute and ACL. */
  readonly canaries: Sweep
  /** Inodes that no answer may name. */
  readonly deniedInodes: ReadonlySet<number>
  /** Some of them, for requests by number. */
  readonly inodes: readonly number[]
  /** What changed where nothing may change, in sentences; afterwards the granted places are as they were. */
  changes(): Promise<readonly string[]>
  remove(): Promise<void>
}

export async function makeWorld(hdfs: Privileged): Promise<World> {
  const [name, content] = [randomBytes(12).toString('hex'), randomBytes(16).toString('hex')]
  await removeWorld(hdfs)
  await layOut(hdfs, name, content)
  const canaries = new Sweep({ 'name of a denied file': name, 'content of a denied file': content })
  const checksum = await hdfs.must('GET', '/fuzz/other/known.csv?op=GETFILECHECKSUM')
  canaries.add('checksum of a denied file', String(Object(checksum['FileChecksum']).bytes).slice(24, 56))
  const before = await observe(hdfs)
  const denied = [...before.inodes].filter(([path]) => DENIED_FOLDERS.some((top) => `${path}/`.startsWith(`${top}/`)))
  return {
    canaries,
    deniedInodes: new Set(denied.map(([, inode]) => inode)),
    inodes: denied.map(([, inode]) => inode),
    async changes() {
      const found = differences(before, await observe(hdfs))
      await restoreOwn(hdfs)
      return found
    },
    remove: () => removeWorld(hdfs),
  }
}

async function layOut(hdfs: Privileged, name: string, content: string): Promise<void> {
  const make = (path: string, text: string) =>
    hdfs.must('PUT', `${encodeURI(path)}?op=CREATE&overwrite=true&replication=1`, Buffer.from(text))
  for (const path of [...OPEN_FILES, ...OWN_FILES]) await make(path, 'open to this team\n')
  await make(DROPPED, `canary ${content}\n`)
  for (const folder of DENIED_FOLDERS) {
    for (const path of [`${folder}/known.csv`, `${folder}/${name}.csv`]) {
      await make(path, `canary ${content}\n`)
      await hdfs.must('PUT', `${path}?op=SETXATTR&xattr.name=user.canary&xattr.value=%22${content}%22&flag=CREATE`)
      await hdfs.must('PUT', `${path}?op=MODIFYACLENTRIES&aclspec=user:u${content}:r--`)
    }
  }
  await make(`/fuzz/frozen/${name}.csv`, `canary ${content}\n`)
  for (const [folder, snapshot] of Object.entries(SNAPSHOTS)) {
    await hdfs.must('PUT', `${folder}?op=ALLOWSNAPSHOT`)
    await hdfs.must('PUT', `${folder}?op=CREATESNAPSHOT&snapshotname=${snapshot}`)
  }
  // What was deleted is in the snapshot still, which takes a right of its own.
  await hdfs.must('DELETE', `/fuzz/frozen/${name}.csv?op=DELETE`)
}

async function removeWorld(hdfs: Privileged): Promise<void> {
  for (const [folder, snapshot] of Object.entries(SNAPSHOTS)) {
    await hdfs.ask('DELETE', `${folder}?op=DELETESNAPSHOT&snapshotname=${snapshot}`)
    await hdfs.ask('PUT', `${folder}?op=DISALLOWSNAPSHOT`)
  }
  for (const top of TOPS) await hdfs.ask('DELETE', `${top}?op=DELETE&recursive=true`)
  for (const empty of ['/user/quant', '/user']) await hdfs.ask('DELETE', `${empty}?op=DELETE`)
}

/** In its own places the team may do as it likes: they are set back, so that later requests find something there. */
async function restoreOwn(hdfs: Privileged): Promise<void> {
  const { FileStatuses } = await hdfs.must('GET', '/fuzz/home?op=LISTSTATUS')
  const names: string[] = Object(FileStatuses).FileStatus.map((row: { pathSuffix: string }) => row.pathSuffix)
  for (const name of names.filter((name) => name !== 'kept' && name !== 'drop')) {
    await hdfs.ask('DELETE', `/fuzz/home/${encodeURIComponent(name)}?op=DELETE&recursive=true`)
  }
  for (const path of ['/fuzz/home/x', '/fuzz/home/dir/y']) {
    await hdfs.must('PUT', `${path}?op=CREATE&overwrite=true&replication=1`, Buffer.from('open to this team\n'))
  }
  const dropped = await hdfs.must('GET', '/fuzz/home/drop?op=LISTSTATUS')
  for (const { pathSuffix } of Object(dropped['FileStatuses']).FileStatus as { pathSuffix: string }[]) {
    if (DROPPED.endsWith(`/${pathSuffix}`)) continue
    await hdfs.ask('DELETE', `/fuzz/home/drop/${encodeURIComponent(pathSuffix)}?op=DELETE&recursive=true`)
  }
}

/** New and changed and missing, but for what the team may make and change. */
function differences(before: Observed, after: Observed): string[] {
  const gone = [...before.entries.keys()].filter((path) => !after.entries.has(path) && !isOwn(path))
  const changed = [...after.entries].filter(([path, now]) => !isOwn(path) && before.entries.get(path) !== now)
  return [
    ...gone.map((path) => `${path} is gone`),
    ...changed.flatMap(([path, now]) => {
      const was = before.entries.get(path)
      if (was !== undefined) return [`${path} was ${was}, and is ${now}`]
      return path.startsWith('/fuzz/home/drop/') ? [] : [`${path} is new: ${now}`]
    }),
  ]
}

const NOT_OWN = ['/fuzz/home/kept', '/fuzz/home/drop']
const isOwn = (path: string): boolean =>
  path.startsWith('/fuzz/home/') && !NOT_OWN.some((top) => `${path}/`.startsWith(`${top}/`))
