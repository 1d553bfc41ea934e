/** All of HDFS as its superuser sees it, in a form that two looks can be compared by. */
import type { Privileged } from './privileged.ts'

export type Observed = {
  /** By path: all that must stay as it is. */
  readonly entries: ReadonlyMap<string, string>
  readonly inodes: ReadonlyMap<string, number>
}

type Row = {
  readonly pathSuffix: string
  readonly type: 'FILE' | 'DIRECTORY'
  readonly fileId: number
  readonly modificationTime: number
  readonly owner: string
  readonly group: string
  readonly permission: string
  readonly length: number
  readonly replication: number
  readonly storagePolicy: number
}

/** Directories whose content may change: their own dates say nothing. */
const LIVELY = ['/', '/fuzz/home', '/fuzz/home/drop']
/** Where the team may do as it likes. */
const OWN = /^\/fuzz\/home\/(?!kept$|drop$)/

export async function observe(hdfs: Privileged): Promise<Observed> {
  const entries = new Map<string, string>()
  const inodes = new Map<string, number>()
  const look = async (folder: string): Promise<void> => {
    const rows = await list(hdfs, folder)
    await Promise.all(
      rows.map(async (row) => {
        const path = `${folder === '/' ? '' : folder}/${row.pathSuffix}`
        inodes.set(path, row.fileId)
        if (OWN.test(path)) return
        entries.set(path, `${statusOf(row, path)} ${await attributesOf(hdfs, path, row)}`)
        if (row.type === 'DIRECTORY') await look(path)
      }),
    )
  }
  await look('/')
  return { entries, inodes }
}

async function list(hdfs: Privileged, folder: string): Promise<readonly Row[]> {
  const { FileStatuses } = await hdfs.must('GET', `${encode(folder)}?op=LISTSTATUS`)
  return Object(FileStatuses).FileStatus
}

function statusOf(row: Row, path: string): string {
  const { type, fileId, modificationTime, owner, group, permission, length, replication, storagePolicy } = row
  const when = LIVELY.includes(path) ? [] : [modificationTime]
  return [type, fileId, owner, group, permission, length, replication, storagePolicy, ...when].join(' ')
}

/** What stands beside a status: ACL and attributes, and which snapshots there are. */
async function attributesOf(hdfs: Privileged, path: string, { type }: Row): Promise<string> {
  if (!path.startsWith('/fuzz')) return ''
  const questions = [`?op=GETACLSTATUS`, `?op=GETXATTRS&encoding=hex`]
  if (type === 'DIRECTORY') questions.push('/.snapshot?op=LISTSTATUS')
  const answers = await Promise.all(questions.map((question) => hdfs.ask('GET', `${encode(path)}${question}`)))
  return answers.map(({ status, body }) => (status === 200 ? body.toString() : status)).join(' ')
}

const encode = (path: string): string => path.split('/').map(encodeURIComponent).join('/')
