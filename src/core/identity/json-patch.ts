/** The part of JSON Patch that we speak: `add`, and nothing that removes or replaces (RFC 6902, §4.1). */
import { KerbsideError } from '../errors.ts'
import type { Json, JsonObject } from './json.ts'

export type PatchOperation = { readonly op: 'add'; readonly path: string; readonly value: Json }

/** A JSON pointer (RFC 6901, §3): `~` and `/` inside a segment are escaped, in that order. */
export function pointer(...segments: readonly (string | number)[]): string {
  return segments.map((segment) => `/${typeof segment === 'number' ? segment : escaped(segment)}`).join('')
}

const escaped = (segment: string) =>
  /[~/]/.test(segment) ? segment.replaceAll('~', '~0').replaceAll('/', '~1') : segment

/**
 * The document with the additions made; the one given stays as it is.
 * @throws KerbsideError `bad-request` when a path leads nowhere
 */
export function applyPatch(document: Json, patch: readonly PatchOperation[]): Json {
  return patch.reduce((current, { path, value }) => {
    const segments = path
      .split('/')
      .slice(1)
      .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
    return added(current, segments, value)
  }, document)
}

function added(into: Json, [segment, ...rest]: readonly string[], value: Json): Json {
  if (segment === undefined) return value
  if (Array.isArray(into)) return addedToList(into, segment, rest, value)
  if (typeof into !== 'object' || into === null) throw leadsNowhere(segment)
  const parent = into as JsonObject
  if (rest.length > 0 && !Object.hasOwn(parent, segment)) throw leadsNowhere(segment)
  const child = rest.length === 0 ? value : added(parent[segment] ?? null, rest, value)
  return { ...parent, [segment]: child }
}

function addedToList(list: readonly Json[], segment: string, rest: readonly string[], value: Json): Json {
  const index = segment === '-' ? list.length : Number(segment)
  const isThere = Number.isInteger(index) && index >= 0 && index < list.length + (rest.length === 0 ? 1 : 0)
  if (!isThere) throw leadsNowhere(segment)
  if (rest.length === 0) return list.toSpliced(index, 0, value)
  return list.with(index, added(list[index] ?? null, rest, value))
}

const leadsNowhere = (segment: string) =>
  new KerbsideError('bad-request', `the patch has a path that leads nowhere: \`${segment}\``)
