/** Every parameter that may travel upstream, and how its value is read: checked, and written again in one form. */
import { isSyntheticToken } from '../hadoop/synthetic-token.ts'
import { canonicalizeText, sentPath } from './target.ts'

/** The value in the form that is sent, or nothing when the text is not one. */
type Reader = (text: string) => string | undefined

const MIB = 1024 * 1024
const LONGEST_LONG = 2n ** 63n - 1n

const whole =
  (least: bigint, most: bigint): Reader =>
  (text) => {
    if (!/^\d{1,19}$/.test(text)) return undefined
    const value = BigInt(text)
    return value >= least && value <= most ? String(value) : undefined
  }

/** Python's clients send `True`. */
const boolean: Reader = (text) => {
  const value = text.toLowerCase()
  return value === 'true' || value === 'false' ? value : undefined
}

/** Octal, sticky bit at most; npm's client sends a leading zero. */
const permission: Reader = (text) =>
  /^0*[01]?[0-7]{1,3}$/.test(text) ? Number.parseInt(text, 8).toString(8) : undefined

/** A comma list out of `known`; clients send an empty one too. */
const setOf =
  (...known: readonly string[]): Reader =>
  (text) => {
    const names = text.split(',').map((name) => name.trim().toUpperCase())
    if (names.length === 1 && names[0] === '') return ''
    return names.every((name) => known.includes(name)) ? names.join(',') : undefined
  }

/** Milliseconds since the epoch; -1 leaves the time as it is. */
const moment: Reader = (text) => (text === '-1' ? text : whole(0n, LONGEST_LONG)(text))

/** -1 takes the quota away; Hadoop also knows `Long.MAX_VALUE` for "leave it". */
const quota: Reader = (text) => (text === '-1' ? text : whole(1n, LONGEST_LONG)(text))

const matching =
  (pattern: RegExp): Reader =>
  (text) =>
    pattern.test(text) ? text : undefined

/** A user or group; an empty one leaves it as it is. */
const principalName = matching(/^[A-Za-z0-9_][A-Za-z0-9._@\\$-]{0,255}$|^$/)

/** One segment. */
const segment: Reader = (text) =>
  text !== '.' && text !== '..' && /^[^/\p{Cc}]{1,255}$/u.test(text) ? text : undefined

/** Absolute paths, a comma between two, none through a snapshot: what is read-only cannot be moved away. */
const paths: Reader = (text) => {
  const targets = text.split(',').map((one) => canonicalizeText(one))
  const sent = targets.flatMap((target) => ('refuse' in target || target.snapshot ? [] : [sentPath(target)]))
  return sent.length === targets.length ? sent.join(',') : undefined
}

/** Below the snapshotted directory; Hadoop gives out what it takes. */
const relativePath: Reader = (text) =>
  text === '' || text.split('/').every((one) => segment(one) !== undefined) ? text : undefined

/** `user.` in any case, and a name; several stand in lines of their own. What HDFS keeps for itself is not offered. */
const userAttributes: Reader = (text) => {
  const names = text.split('\n').map((name) => /^user\.([^\p{Cc}]{1,255})$/iu.exec(name)?.[1])
  return names.includes(undefined) ? undefined : names.map((name) => `user.${name}`).join('\n')
}

/** `default:user:name:rwx`; where entries are removed without the last part. */
const ACL_ENTRY = String.raw`(?:default:)?(?:user|group|mask|other):[A-Za-z0-9._@\\$-]{0,255}(?::(?:[r-][w-][x-])?)?`

export const PARAMETERS = {
  offset: whole(0n, LONGEST_LONG),
  length: whole(0n, LONGEST_LONG),
  /** A DataNode allocates it. */
  buffersize: whole(1n, BigInt(64 * MIB)),
  blocksize: whole(1n, LONGEST_LONG),
  /** `dfs.replication.max` is 512. */
  replication: whole(1n, 512n),
  overwrite: boolean,
  createparent: boolean,
  recursive: boolean,
  permission,
  unmaskedpermission: permission,
  /** `org.apache.hadoop.fs.CreateFlag`, without `APPEND` and `NEW_BLOCK`: CREATE makes a file, APPEND changes one. */
  createflag: setOf(
    'CREATE',
    'OVERWRITE',
    'SYNC_BLOCK',
    'LAZY_PERSIST',
    'NO_LOCAL_WRITE',
    'SHOULD_REPLICATE',
    'IGNORE_CLIENT_LOCALITY',
  ),
  /** `org.apache.hadoop.fs.Options.Rename`. */
  renameoptions: setOf('NONE', 'OVERWRITE', 'TO_TRASH'),
  /** `org.apache.hadoop.fs.permission.FsAction`. */
  fsaction: matching(/^[r-][w-][x-]$/),
  /** Name of a child. HDFS would also take `/.reserved/.inodes/…`. */
  startafter: (text) => (text === '' ? text : segment(text)),
  /** CONCAT's. */
  sources: paths,
  newlength: whole(0n, LONGEST_LONG),
  modificationtime: moment,
  accesstime: moment,
  owner: principalName,
  group: principalName,
  aclspec: matching(new RegExp(`^${ACL_ENTRY}(?:,${ACL_ENTRY}){0,63}$`)),
  'xattr.name': userAttributes,
  /** As text in quotes, hexadecimal or base64; HDFS takes 16 KiB. */
  'xattr.value': matching(/^[^\p{Cc}]{0,32768}$/u),
  /** `org.apache.hadoop.fs.XAttrCodec`. */
  encoding: (text) => {
    const value = text.toLowerCase()
    return value === 'text' || value === 'hex' || value === 'base64' ? value : undefined
  },
  /** `org.apache.hadoop.fs.XAttrSetFlag`. */
  flag: setOf('CREATE', 'REPLACE'),
  /** An empty one is the tree as it is. */
  snapshotname: (text) => (text === '' ? text : segment(text)),
  oldsnapshotname: (text) => (text === '' ? text : segment(text)),
  snapshotdiffstartpath: relativePath,
  snapshotdiffindex: (text) => (text === '-1' ? text : whole(0n, 2n ** 31n - 1n)(text)),
  storagepolicy: matching(/^[A-Za-z0-9_-]{1,64}$/),
  ecpolicy: matching(/^[A-Za-z0-9_-]{1,64}$/),
  namespacequota: quota,
  storagespacequota: quota,
  /** `org.apache.hadoop.fs.StorageType`. */
  storagetype: matching(/^[A-Za-z_]{1,32}$/),
  /** Ours, which is worth nothing, and no other. It does not travel. */
  token: (text) => (isSyntheticToken(text) ? text : undefined),
} as const satisfies Record<string, Reader>

export type ParameterName = keyof typeof PARAMETERS
export type Parameters = ReadonlyMap<ParameterName, string>
