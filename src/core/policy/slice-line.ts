/** A slice as one line of JSON, and back. Read by hand, without a schema library: every sidecar loads this. */
import { KerbsideError } from '../errors.ts'
import { parsePath } from '../hdfs/path.ts'
import { SECRETS_WAYS } from '../identity/identity.ts'
import type { TrustedRealm } from '../kerberos/realm-path.ts'
import { ACTIONS, type Action } from './action.ts'
import type { Limits } from './decision/limits.ts'
import { DAYS, isZone, MINUTES_A_DAY, type Window } from './decision/window.ts'
import {
  LONGEST_STALE_SECONDS,
  type Mode,
  type Slice,
  type SliceCluster,
  type SliceGrant,
  type SlicePlace,
} from './slice.ts'

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
  if (slice.get('format') !== 2) throw bad('format', 'is not 2')
  const grants = list(slice, 'grants').map((grant, index) => readGrant(grant, `grants[${index}]`))
  const places = list(slice, 'places').map((place, index) => readPlace(place, `places[${index}]`, grants.length))
  if (new Set(places.map(({ path }) => path)).size < places.length) throw bad('places', 'has one path twice')
  return {
    format: 2,
    mode: readMode(slice.get('mode'), 'mode'),
    bundle: text(slice, 'bundle'),
    identity: text(slice, 'identity'),
    team: text(slice, 'team'),
    principal: text(slice, 'principal'),
    secret: text(slice, 'secret'),
    home: path(slice, 'home'),
    ...readMaxStale(slice),
    ...readSecretsWay(slice),
    cluster: readCluster(slice.get('cluster')),
    grants,
    places,
  }
}

/** A slice that never grew too old could not be taken back from a sidecar that is cut off. */
function readMaxStale(slice: Fields): Pick<Slice, 'maxStaleSeconds'> {
  const { maxStaleSeconds } = whole(slice, ['maxStaleSeconds'], 'slice')
  if (maxStaleSeconds === undefined) return {}
  if (maxStaleSeconds < 1 || maxStaleSeconds > LONGEST_STALE_SECONDS) throw bad('maxStaleSeconds', 'is not in a day')
  return { maxStaleSeconds }
}

/** Another way than those we know is not taken for the usual one. */
function readSecretsWay(slice: Fields): Pick<Slice, 'secretsThrough'> {
  const given = slice.get('secretsThrough')
  if (given === undefined) return {}
  const secretsThrough = SECRETS_WAYS.find((way) => way === given)
  if (secretsThrough === undefined) throw bad('secretsThrough', 'is neither sidecar nor broker')
  return { secretsThrough }
}

function readCluster(given: unknown): SliceCluster {
  const cluster = fieldsOf(given, 'cluster')
  const insecureHttp = cluster.get('insecureHttp')
  if (insecureHttp !== undefined && insecureHttp !== true) throw bad('insecureHttp', 'is something else than true')
  const decodesOnce = cluster.get('decodesOnce')
  if (decodesOnce !== undefined && decodesOnce !== true) throw bad('decodesOnce', 'is something else than true')
  const nameNodes = texts(cluster, 'nameNodes')
  if (insecureHttp !== true && nameNodes.some((origin) => origin.startsWith('http:'))) {
    throw bad('nameNodes', 'has plain HTTP, which the policy does not allow')
  }
  return {
    name: text(cluster, 'name'),
    nameservice: text(cluster, 'nameservice'),
    nameNodes,
    ...(insecureHttp === undefined ? {} : { insecureHttp }),
    ...(decodesOnce === undefined ? {} : { decodesOnce }),
    dataNodeHosts: texts(cluster, 'dataNodeHosts'),
    realm: text(cluster, 'realm'),
    kdcs: texts(cluster, 'kdcs'),
    ...(cluster.has('realms') ? { realms: list(cluster, 'realms').map(readRealm) } : {}),
    secret: text(cluster, 'secret'),
    ...(cluster.has('configuration') ? { configuration: text(cluster, 'configuration') } : {}),
  }
}

function readRealm(given: unknown): TrustedRealm {
  const realm = fieldsOf(given, 'realms')
  const via = realm.has('via') ? { via: text(realm, 'via') } : {}
  return { realm: text(realm, 'realm'), kdcs: texts(realm, 'kdcs'), ...via }
}

function readGrant(given: unknown, where: string): SliceGrant {
  const grant = fieldsOf(given, where)
  const effect = grant.get('effect')
  if (effect !== 'allow' && effect !== 'deny') throw bad(`${where}.effect`, 'is neither allow nor deny')
  const during = grant.get('during')
  return {
    name: text(grant, 'name'),
    at: text(grant, 'at'),
    mode: readMode(grant.get('mode'), `${where}.mode`),
    effect,
    actions: list(grant, 'actions').map((action) => {
      if (!isAction(action)) throw bad(`${where}.actions`, 'has an action that this version does not know')
      return action
    }),
    ...whole(grant, ['startsAt', 'expiresAt'], where),
    ...(during === undefined ? {} : { during: readWindow(during, `${where}.during`) }),
  }
}

function readMode(given: unknown, where: string): Mode {
  if (given === 'enforce' || given === 'shadow') return given
  throw bad(where, 'is neither enforce nor shadow')
}

/** A deny whose hours are not understood would be no deny. */
function readWindow(given: unknown, where: string): Window {
  const window = fieldsOf(given, where)
  const { fromMinute = Number.NaN, toMinute = Number.NaN } = whole(window, ['fromMinute', 'toMinute'], where)
  const isInDay = Math.min(fromMinute, toMinute) >= 0 && Math.max(fromMinute, toMinute) <= MINUTES_A_DAY
  if (!isInDay) throw bad(where, 'is not in a day')
  const zone = text(window, 'zone')
  if (!isZone(zone)) throw bad(`${where}.zone`, 'is no time zone that this system knows')
  const days = list(window, 'days').map((given) => {
    const day = DAYS.find((name) => name === given)
    if (day === undefined) throw bad(`${where}.days`, 'has something else than a day')
    return day
  })
  return { days, fromMinute, toMinute, zone }
}

function readPlace(given: unknown, where: string, grantCount: number): SlicePlace {
  const place = fieldsOf(given, where)
  const protect = place.get('protect')
  if (typeof protect !== 'boolean') throw bad(`${where}.protect`, 'is neither true nor false')
  const limits = place.get('limits')
  return {
    path: path(place, 'path'),
    ...(place.has('dataset') ? { dataset: text(place, 'dataset') } : {}),
    protect,
    ...(limits === undefined ? {} : { limits: readLimits(limits, `${where}.limits`) }),
    grants: list(place, 'grants').map((index) => {
      if (typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < grantCount) return index
      throw bad(`${where}.grants`, 'names a grant that is not there')
    }),
  }
}

const readLimits = (given: unknown, where: string): Limits =>
  whole(fieldsOf(given, where), ['fileBytes', 'replication', 'blockBytes'], where)

/** Those of some fields that are there, each a whole number. */
function whole<K extends string>(fields: Fields, names: readonly K[], where: string): { readonly [N in K]?: number } {
  const found = names
    .filter((name) => fields.has(name))
    .map((name) => {
      const value = fields.get(name)
      if (!Number.isSafeInteger(value)) throw bad(`${where}.${name}`, 'is not a whole number')
      return [name, value]
    })
  return Object.fromEntries(found)
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
