/** A slice as one line of JSON, and back. Read by hand, without a schema library: every sidecar loads this. */
import { KerbsideError } from '../errors.ts'
import { parsePath } from '../hdfs/path.ts'
import { ACTIONS, type Action } from './action.ts'
import type { Slice, SliceCluster, SliceGrant, SlicePrefix } from './slice.ts'

/** One line without a line feed. `readSlice(writeSlice(slice))` is `slice`. */
export function writeSlice(slice: Slice): string {
  return JSON.stringify(slice)
}

/**
 * The slice in a line. A field it does not know is passed over; a value it does not know, such as an action of a later
 * version, is refused, since passing over a deny would allow.
 * @throws KerbsideError `bad-slice` that names the first wrong field
 */
export function readSlice(line: string): Slice {
  const slice = fieldsOf(parse(line), 'slice')
  if (slice.get('format') !== 1) throw bad('format', 'is not 1')
  const grants = list(slice, 'grants').map((grant, index) => readGrant(grant, `grants[${index}]`))
  const prefixes = list(slice, 'prefixes').map((prefix, index) =>
    readPrefix(prefix, `prefixes[${index}]`, grants.length),
  )
  if (new Set(prefixes.map(({ path }) => path)).size < prefixes.length) throw bad('prefixes', 'has one path twice')
  return {
    format: 1,
    bundle: text(slice, 'bundle'),
    identity: text(slice, 'identity'),
    team: text(slice, 'team'),
    principal: text(slice, 'principal'),
    secret: text(slice, 'secret'),
    home: path(slice, 'home'),
    cluster: readCluster(slice.get('cluster')),
    grants,
    prefixes,
  }
}

function readCluster(given: unknown): SliceCluster {
  const cluster = fieldsOf(given, 'cluster')
  return {
    name: text(cluster, 'name'),
    nameservice: text(cluster, 'nameservice'),
    nameNodes: texts(cluster, 'nameNodes'),
    dataNodeHosts: texts(cluster, 'dataNodeHosts'),
    realm: text(cluster, 'realm'),
    kdcs: texts(cluster, 'kdcs'),
    secret: text(cluster, 'secret'),
  }
}

function readGrant(given: unknown, where: string): SliceGrant {
  const grant = fieldsOf(given, where)
  const effect = grant.get('effect')
  if (effect !== 'allow' && effect !== 'deny') throw bad(`${where}.effect`, 'is neither allow nor deny')
  const expiresAt = grant.get('expiresAt')
  if (expiresAt !== undefined && !Number.isSafeInteger(expiresAt)) throw bad(`${where}.expiresAt`, 'is not a time')
  return {
    name: text(grant, 'name'),
    at: text(grant, 'at'),
    effect,
    actions: list(grant, 'actions').map((action) => {
      if (!isAction(action)) throw bad(`${where}.actions`, 'has an action that this version does not know')
      return action
    }),
    ...(typeof expiresAt === 'number' ? { expiresAt } : {}),
  }
}

function readPrefix(given: unknown, where: string, grantCount: number): SlicePrefix {
  const prefix = fieldsOf(given, where)
  const protect = prefix.get('protect')
  if (typeof protect !== 'boolean') throw bad(`${where}.protect`, 'is neither true nor false')
  return {
    path: path(prefix, 'path'),
    dataset: text(prefix, 'dataset'),
    protect,
    grants: list(prefix, 'grants').map((index) => {
      if (typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < grantCount) return index
      throw bad(`${where}.grants`, 'names a grant that is not there')
    }),
  }
}

/** Own fields only: a name such as `constructor` is never found on a prototype. */
type Fields = ReadonlyMap<string, unknown>

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new KerbsideError('bad-slice', 'the slice is not JSON', { cause })
  }
}

function fieldsOf(given: unknown, where: string): Fields {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw bad(where, 'is not an object')
  return new Map(Object.entries(given))
}

function text(fields: Fields, name: string): string {
  const value = fields.get(name)
  if (typeof value !== 'string' || value === '') throw bad(name, 'is not text')
  return value
}

function path(fields: Fields, name: string): string {
  const parsed = parsePath(text(fields, name))
  if ('problem' in parsed) throw bad(name, `is not a canonical path (${parsed.problem})`)
  return parsed.path
}

function list(fields: Fields, name: string): readonly unknown[] {
  const value = fields.get(name)
  if (!Array.isArray(value)) throw bad(name, 'is not a list')
  return value
}

const texts = (fields: Fields, name: string): readonly string[] =>
  list(fields, name).map((value) => {
    if (typeof value !== 'string' || value === '') throw bad(name, 'has something else than text')
    return value
  })

const isAction = (value: unknown): value is Action => ACTIONS.some((action) => action === value)
const bad = (where: string, problem: string): KerbsideError =>
  new KerbsideError('bad-slice', `field \`${where}\` of the slice ${problem}`)
