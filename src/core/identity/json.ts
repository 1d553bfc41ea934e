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
  return Object.hasOwn(parent, key) ? (parent[key] ?? undefined) : undefined
}

export function objectAt(parent: JsonObject, key: string): JsonObject {
  const value = member(parent, key)
  return value === undefined ? {} : asObject(value, key)
}

export function objectsAt(parent: JsonObject, key: string): readonly JsonObject[] {
  return listAt(parent, key).map((value) => asObject(value, key))
}

export function textsAt(parent: JsonObject, key: string): readonly string[] {
  return listAt(parent, key).map((value) => {
    if (typeof value === 'string') return value
    throw wrongType(key, 'a list of strings')
  })
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

function listAt(parent: JsonObject, key: string): readonly Json[] {
  const value = member(parent, key)
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  throw wrongType(key, 'a list')
}

const wrongType = (what: string, expected: string) => new KerbsideError('bad-request', `\`${what}\` is not ${expected}`)
