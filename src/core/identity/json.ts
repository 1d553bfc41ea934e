/** Reading JSON that someone else wrote: absent is empty, a wrong type is an error, and no key is looked up on a prototype. */
import { KerbsideError } from '../errors.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

/** @throws KerbsideError `bad-request` when it is not an object */
export function asObject(value: unknown, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw wrongType(what, 'an object')
}

/** The member of that name, `undefined` when absent or null. */
export function member(parent: JsonObject, key: string): Json | undefined {
  // Most members that are asked for are absent, and this is asked thousands of times for one pod.
  const value = parent[key] ?? undefined
  return value !== undefined && Object.hasOwn(parent, key) ? value : undefined
}

export function objectAt(parent: JsonObject, key: string): JsonObject {
  const value = member(parent, key)
  return value === undefined ? EMPTY : asObject(value, key)
}

const EMPTY: JsonObject = {}

export function objectsAt(parent: JsonObject, key: string): readonly JsonObject[] {
  const list = listAt(parent, key)
  for (const value of list) asObject(value, key)
  return list as readonly JsonObject[]
}

export function textsAt(parent: JsonObject, key: string): readonly string[] {
  const list = listAt(parent, key)
  if (list.every((value) => typeof value === 'string')) return list
  throw wrongType(key, 'a list of strings')
}

export function textAt(parent: JsonObject, key: string): string | undefined {
  const value = member(parent, key)
  if (value === undefined || typeof value === 'string') return value
  throw wrongType(key, 'a string')
}

export function numberAt(parent: JsonObject, key: string): number | undefined {
  const value = member(parent, key)
  if (value === undefined || typeof value === 'number') return value
  throw wrongType(key, 'a number')
}

/** Whether the member is there and true. */
export function flagAt(parent: JsonObject, key: string): boolean {
  const value = member(parent, key)
  if (value === undefined || typeof value === 'boolean') return value ?? false
  throw wrongType(key, 'true or false')
}

/** Whether two values are the same JSON; the order of an object's keys does not matter. */
export function sameJson(left: Json | undefined, right: Json | undefined): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left) !== Array.isArray(right)) return false
  const [one, other] = [left as JsonObject, right as JsonObject]
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && sameJson(one[key], other[key]))
  )
}

const NONE: readonly Json[] = []

function listAt(parent: JsonObject, key: string): readonly Json[] {
  const value = member(parent, key)
  if (value === undefined) return NONE
  if (Array.isArray(value)) return value
  throw wrongType(key, 'a list')
}

const wrongType = (what: string, expected: string) => new KerbsideError('bad-request', `\`${what}\` is not ${expected}`)
