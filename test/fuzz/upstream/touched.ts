/**
 * What each operation of Hadoop 3.4 touches, read from Hadoop and not from the product: a second opinion on its table. Shorter
 * than that, too: only what would let something past if it were not allowed.
 */

/** `read path`, or with `/**` for all below; `to` is the destination, `sources` each of them. */
export type Touch = `${string} ${'path' | 'path/**' | 'to' | 'sources'}`
/** `free`: names no path. `never`: has no business upstream, whatever policy says. */
type Row = readonly Touch[] | 'free' | 'never'

const GET: Readonly<Record<string, Row>> = {
  OPEN: ['read path'],
  GETFILESTATUS: ['stat path'],
  GETFILELINKSTATUS: ['stat path'],
  GETLINKTARGET: ['stat path'],
  LISTSTATUS: ['list path'],
  LISTSTATUS_BATCH: ['list path'],
  GETCONTENTSUMMARY: ['list path/**'],
  GETQUOTAUSAGE: ['list path/**'],
  GETFILECHECKSUM: ['read path'],
  GET_BLOCK_LOCATIONS: ['read path'],
  GETFILEBLOCKLOCATIONS: ['stat path'],
  GETACLSTATUS: ['stat path'],
  GETXATTRS: ['stat path'],
  LISTXATTRS: ['stat path'],
  CHECKACCESS: ['stat path'],
  GETSTORAGEPOLICY: ['stat path'],
  GETECPOLICY: ['stat path'],
  GETALLSTORAGEPOLICY: 'free',
  GETECPOLICIES: 'free',
  GETECCODECS: 'free',
  GETSERVERDEFAULTS: 'free',
  GETSTATUS: 'free',
  GETHOMEDIRECTORY: 'never',
  GETTRASHROOT: 'never',
  GETTRASHROOTS: 'never',
  GETSNAPSHOTDIFF: ['list path/**', 'snap-read path/**'],
  GETSNAPSHOTDIFFLISTING: ['list path/**', 'snap-read path/**'],
  GETSNAPSHOTTABLEDIRECTORYLIST: 'free',
  GETSNAPSHOTLIST: ['snap-read path'],
  GETDELEGATIONTOKEN: 'never',
}
const PUT: Readonly<Record<string, Row>> = {
  CREATE: ['create path'],
  MKDIRS: ['mkdir path'],
  RENAME: ['delete path/**', 'read path/**', 'create to'],
  CREATESYMLINK: 'never',
  SETREPLICATION: ['setattr path'],
  SETOWNER: ['admin path'],
  SETPERMISSION: ['setattr path'],
  SETTIMES: ['setattr path'],
  SETXATTR: ['setattr path'],
  REMOVEXATTR: ['setattr path'],
  SETACL: ['acl path'],
  MODIFYACLENTRIES: ['acl path'],
  REMOVEACLENTRIES: ['acl path'],
  REMOVEDEFAULTACL: ['acl path'],
  REMOVEACL: ['acl path'],
  SETSTORAGEPOLICY: ['admin path'],
  SATISFYSTORAGEPOLICY: ['admin path'],
  SETECPOLICY: ['admin path'],
  ENABLEECPOLICY: 'never',
  DISABLEECPOLICY: 'never',
  SETQUOTA: ['admin path'],
  SETQUOTABYSTORAGETYPE: ['admin path'],
  ALLOWSNAPSHOT: ['admin path'],
  DISALLOWSNAPSHOT: ['admin path'],
  CREATESNAPSHOT: ['snap-admin path/**'],
  RENAMESNAPSHOT: ['snap-admin path/**'],
  RENEWDELEGATIONTOKEN: 'never',
  CANCELDELEGATIONTOKEN: 'never',
}
const POST: Readonly<Record<string, Row>> = {
  APPEND: ['append path'],
  CONCAT: ['append path', 'read sources', 'delete sources'],
  TRUNCATE: ['overwrite path'],
  UNSETSTORAGEPOLICY: ['admin path'],
  UNSETECPOLICY: ['admin path'],
}
const DELETE: Readonly<Record<string, Row>> = {
  DELETE: ['delete path'],
  DELETESNAPSHOT: ['snap-admin path/**'],
}
const TABLE = { GET, PUT, POST, DELETE } as const

export const OPERATION_NAMES: readonly (readonly [method: string, name: string])[] = Object.entries(TABLE).flatMap(
  ([method, rows]) => Object.keys(rows).map((name) => [method, name] as const),
)

const rows = new Map(Object.values(TABLE).flatMap((rows) => Object.entries(rows)))

/** @param query of the request, its names in small letters */
export function touchedBy(name: string, query: ReadonlyMap<string, string>): Row {
  const has = (parameter: string, word: string) =>
    query.get(parameter)?.toLowerCase().split(',').includes(word) === true
  if (name === 'DELETE' && has('recursive', 'true')) return ['delete path/**']
  if (name === 'CREATE' && (has('overwrite', 'true') || has('createflag', 'overwrite'))) {
    return ['create path', 'overwrite path']
  }
  if (name === 'RENAME' && has('renameoptions', 'overwrite')) {
    return ['delete path/**', 'read path/**', 'create to', 'overwrite to', 'delete to']
  }
  return rows.get(name) ?? 'never'
}

/**
 * What the gateway asks of its own accord, to do well what it was allowed: how long a file is before it is appended to,
 * whether a broken upload left something, and taking that away again.
 */
export const ERRANDS: ReadonlyMap<string, readonly Touch[]> = new Map([
  ['GETFILESTATUS', ['create path', 'append path', 'read path', 'delete path']],
  ['DELETE', ['create path']],
])
