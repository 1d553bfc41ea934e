/** Queries: any operation with any parameter, its own and foreign ones, once and twice, spelled in every way. */

import type { Random } from '../random.ts'
import { OPERATION_NAMES } from '../upstream/touched.ts'
import { encoded, plainPath, rawPath } from './paths.ts'

const PATHS = ['destination', 'startafter', 'snapshotdiffstartpath', 'sources', 'snapshotname', 'oldsnapshotname']
const VALUES: Readonly<Record<string, readonly string[]>> = {
  offset: ['0', '5', '-1', '9223372036854775807', '9223372036854775808', '00', '0x1', ' 1'],
  length: ['0', '1', '100', '-1', 'null'],
  buffersize: ['4096', '0', '99999999999'],
  blocksize: ['1048576', '1', '0'],
  replication: ['1', '0', '513', '32767', '-1'],
  overwrite: ['true', 'false', 'True', 'TRUE ', '1', ''],
  createparent: ['true', 'false', 'False'],
  recursive: ['true', 'false', 'True', 'yes'],
  permission: ['755', '0644', '1777', '4755', '777777', 'rwx'],
  unmaskedpermission: ['666', '0'],
  createflag: ['', 'CREATE', 'OVERWRITE', 'CREATE,OVERWRITE', 'APPEND', 'create, overwrite', 'LAZY_PERSIST'],
  renameoptions: ['NONE', 'OVERWRITE', 'overwrite', 'TO_TRASH', 'OVERWRITE,NONE', ''],
  fsaction: ['r--', 'rwx', '---', 'r-x', '-w-', 'READ'],
  newlength: ['0', '1', '-1'],
  owner: ['quant', 'hdfs'],
  group: ['supergroup'],
  aclspec: ['user:quant:rwx', 'default:user:quant:rwx', 'user::rwx,user:quant:rwx', 'x'],
  'xattr.name': ['user.canary', 'user.x', 'trusted.x', 'system.x', 'raw.hdfs.crypto.encryption.info'],
  'xattr.value': ['0x00', '"x"'],
  encoding: ['hex', 'text', 'base64'],
  flag: ['CREATE', 'REPLACE', 'CREATE,REPLACE'],
  modificationtime: ['0', '1700000000000', '-1'],
  accesstime: ['0', '-1'],
  storagepolicy: ['HOT', 'COLD'],
  ecpolicy: ['RS-6-3-1024k'],
  namespacequota: ['1', '-1'],
  storagespacequota: ['1', '-1'],
  storagetype: ['DISK'],
  snapshotdiffindex: ['0', '-1'],
  allusers: ['true'],
  renewer: ['quant'],
  service: ['x'],
  kind: ['HDFS_DELEGATION_TOKEN'],
  token: ['AAAA'],
  fsck: ['true'],
}
const FOREIGN: readonly (readonly [string, string])[] = [
  ...(['doas', 'doAs', 'DOAS', 'do%61s', 'user.name', 'ugi'] as const).map((name) => [name, 'hdfs'] as const),
  ['delegation', 'AAAA'],
  ['namenoderpcaddress', 'nn2.lab:8020'],
  ['nnaddr', 'nn2.lab:8020'],
  ['excludedatanodes', 'dn1.lab'],
  ['op', 'OPEN'],
  ['OP', 'DELETE'],
  ['step', '2'],
  ['noredirect', 'true'],
  ['noredirect', 'True'],
  ['redirectbyipaddress', 'true'],
  ['skiptrash', 'true'],
  ['data', 'true'],
  ['filter', '*'],
  ['_', 'x'],
]
const ODD = [
  '=',
  '&',
  '&&',
  '=x',
  '%00=x',
  '%26op=DELETE',
  ';op=DELETE',
  '?op=DELETE',
  '%ff=x',
  '+=x',
  '#',
  'a=b=c',
  '%',
]
/** Bytes move in these, once their second step is asked for. */
const MOVING = ['OPEN', 'CREATE', 'APPEND']

export type Asked = { readonly method: string; readonly query: string }

export function rawQuery(random: Random, inodes: readonly number[]): Asked {
  const [method, name] = random.weighed<() => readonly [string, string]>([
    [4, () => random.pick(OPERATION_NAMES)],
    [5, () => random.pick(OPERATION_NAMES.filter(([, operation]) => OFTEN.has(operation)))],
    [0.3, () => ['GET', random.pick(['INSTRUMENTATION', 'X', '', 'constructor', 'OPEN ', 'OPEN%00', 'LISTSTATU'])]],
  ])()
  const pieces = [`${random.chance(0.95) ? 'op' : random.pick(['OP', 'Op', 'o%70', 'op+'])}=${spelled(random, name)}`]
  for (const parameter of parametersOf(random, name)) pieces.push(pair(random, parameter, inodes))
  if (MOVING.includes(name) && random.chance(0.4)) pieces.push('step=2')
  if (random.chance(0.15)) pieces.push(random.pick(FOREIGN).join('='))
  if (random.chance(0.08)) pieces.push(random.pick(ODD))
  if (random.chance(0.03)) pieces.push(random.pick(pieces))
  if (random.chance(0.3)) pieces.reverse()
  const isOwn = random.chance(0.97)
  return {
    method: isOwn ? method : random.pick(['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH']),
    query: pieces.join('&'),
  }
}

const OFTEN = new Set([
  ...['GETFILESTATUS', 'LISTSTATUS', 'LISTSTATUS_BATCH', 'OPEN', 'GETCONTENTSUMMARY', 'RENAME', 'DELETE', 'CONCAT'],
  ...['CREATE', 'MKDIRS', 'GETFILECHECKSUM', 'GET_BLOCK_LOCATIONS', 'GETSNAPSHOTDIFF', 'SETPERMISSION', 'TRUNCATE'],
])
const OWN: ReadonlyMap<string, readonly string[]> = new Map([
  ['RENAME', ['destination', 'destination', 'renameoptions']],
  ['CREATESYMLINK', ['destination']],
  ['CONCAT', ['sources', 'sources', 'sources']],
  ['LISTSTATUS_BATCH', ['startafter']],
  ['GETSNAPSHOTDIFF', ['oldsnapshotname', 'snapshotname']],
  ['GETSNAPSHOTDIFFLISTING', ['oldsnapshotname', 'snapshotname', 'snapshotdiffstartpath', 'snapshotdiffindex']],
  ['CREATESNAPSHOT', ['snapshotname']],
  ['DELETESNAPSHOT', ['snapshotname']],
  ['RENAMESNAPSHOT', ['oldsnapshotname', 'snapshotname']],
  ['DELETE', ['recursive']],
  ['CREATE', ['overwrite', 'createflag', 'createparent', 'permission']],
  ['OPEN', ['offset', 'length']],
  ['CHECKACCESS', ['fsaction']],
  ['SETPERMISSION', ['permission']],
  ['SETOWNER', ['owner', 'group']],
  ['SETREPLICATION', ['replication']],
  ['SETTIMES', ['modificationtime', 'accesstime']],
  ['TRUNCATE', ['newlength']],
  ['SETXATTR', ['xattr.name', 'xattr.value', 'flag']],
  ['REMOVEXATTR', ['xattr.name']],
  ['GETXATTRS', ['xattr.name', 'encoding']],
  ['SETACL', ['aclspec']],
  ['MODIFYACLENTRIES', ['aclspec']],
  ['REMOVEACLENTRIES', ['aclspec']],
])

function parametersOf(random: Random, name: string): readonly string[] {
  const own = OWN.get(name) ?? []
  const given = [...new Set(own.filter(() => random.chance(0.9)))]
  const others = [...Object.keys(VALUES), ...PATHS]
  return random.chance(0.15) ? [...given, random.pick(others.filter((other) => !given.includes(other)))] : given
}

function pair(random: Random, name: string, inodes: readonly number[]): string {
  const cased = random.chance(0.9)
    ? name
    : random.pick([name.toUpperCase(), `${name.charAt(0).toUpperCase()}${name.slice(1)}`])
  return `${cased}=${PATHS.includes(name) ? pathValue(random, name, inodes) : spelled(random, random.pick(VALUES[name] ?? ['x']))}`
}

function pathValue(random: Random, name: string, inodes: readonly number[]): string {
  const one = () => {
    const path = random.chance(0.4) ? plainPath(random) : rawPath(random, inodes)
    return random.chance(0.3) ? path.replaceAll('/', '%2F') : path
  }
  if (name === 'sources' && random.chance(0.5)) return `${plainPath(random)},${plainPath(random)}`
  if (name === 'sources')
    return Array.from({ length: 1 + random.below(3) }, one).join(random.pick([',', ',', '%2C', ',,']))
  if (name.endsWith('snapshotname')) return random.pick(['s0', 's1', 's2', '.', '', 's0%2F..%2Fs2', '..', one()])
  if (name === 'startafter') return random.pick(['a', '', 'known.csv', one(), one().slice(1)])
  return random.chance(0.9) ? one() : random.pick([one().slice(1), `hdfs:%2F%2Flab${one()}`, ''])
}

function spelled(random: Random, text: string): string {
  const cased = random.chance(0.9)
    ? text
    : random.pick([text.toLowerCase(), text.charAt(0) + text.slice(1).toLowerCase()])
  return encoded(random, cased).replaceAll(' ', '+').replaceAll('"', '%22')
}
