/** Pods of every shape that the API server takes: a generator made from its own OpenAPI schema (test/fixtures/openapi/pod.json). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { type Json, type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { POD } from './world.ts'

type Schema = {
  readonly type?: string
  readonly format?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema
  readonly oneOf?: readonly Schema[]
  readonly $ref?: string
}
const FILE = join(import.meta.dirname, '../../fixtures/openapi/pod.json')
export const SCHEMAS = (JSON.parse(readFileSync(FILE, 'utf8')) as { schemas: Record<string, Schema> }).schemas
const POD_SCHEMA = 'io.k8s.api.core.v1.Pod'

/** Fields for which a pod is refused; all of them are tried elsewhere, and left out here. */
const REFUSED = new Set([
  'hostNetwork',
  'hostPID',
  'hostIPC',
  'shareProcessNamespace',
  'dnsConfig',
  'dnsPolicy',
  'hostAliases',
  'hostname',
  'privileged',
  'procMount',
  'capabilities',
  'windowsOptions',
  'os',
  'hostPath',
  'csi',
  'targetContainerName',
  'serviceAccount',
])
/** Where an endless schema would go on, such as a probe in a lifecycle in a container. */
const DEEPEST = 9

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 8 }) },
  fc.constantFrom(
    '0',
    '500m',
    '2Gi',
    'istio-proxy',
    'RuntimeDefault',
    '/etc/kerbside',
    '__proto__',
    'constructor',
    'a/b~c',
  ),
)

function shaped(schema: Schema, depth: number): fc.Arbitrary<Json> {
  if (schema.$ref !== undefined) return shaped(SCHEMAS[schema.$ref.split('/').at(-1) ?? ''] ?? {}, depth)
  if (schema.oneOf !== undefined) return fc.oneof(...schema.oneOf.map((each) => shaped(each, depth)))
  if (schema.type === 'string') return schema.format === 'date-time' ? fc.constant('2026-01-01T00:00:00Z') : text
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'integer') return fc.integer({ min: 0, max: 70_000 })
  if (schema.type === 'number') return fc.nat(9)
  if (schema.type === 'array')
    return fc.array(shaped(schema.items ?? {}, depth + 1), { maxLength: depth > DEEPEST ? 0 : 2 })
  if (schema.properties !== undefined) return objectOf(schema, schema.properties, depth)
  const values =
    schema.additionalProperties === undefined
      ? fc.jsonValue({ maxDepth: 1 })
      : shaped(schema.additionalProperties, depth + 1)
  return fc.dictionary(text, values as fc.Arbitrary<Json>, { maxKeys: 2 }) as fc.Arbitrary<Json>
}

/** A few of its fields at a time, and those that it must have: all of them at once is one shape only. */
function objectOf(
  { required = [] }: Schema,
  properties: Readonly<Record<string, Schema>>,
  depth: number,
): fc.Arbitrary<Json> {
  const names = Object.keys(properties).filter((name) => !REFUSED.has(name))
  const optional = depth > DEEPEST ? [] : names.filter((name) => !required.includes(name))
  return fc.subarray(optional, { maxLength: Math.min(optional.length, 5) }).chain((chosen) => {
    const fields = [...required, ...chosen].map((name) => [name, shaped(properties[name] ?? {}, depth + 1)] as const)
    return fc.record(Object.fromEntries(fields)) as fc.Arbitrary<Json>
  })
}

const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const

/** As the API server also asks: names are there once, the pod has a container; and as we ask: label and service account. */
export const schemaPod: fc.Arbitrary<JsonObject> = shaped({ $ref: POD_SCHEMA }, 0).map((value) => {
  const pod = value as JsonObject
  const given = objectAt(pod, 'spec')
  const lists = LISTS.map((list) => {
    const named = objectsAt(given, list).map((raw, index) => ({
      ...raw,
      name: raw['name'] === 'istio-proxy' ? 'istio-proxy' : `${list}${index}`,
    }))
    const own = list === 'containers' && named.length === 0 ? [{ name: 'main', image: 'i' }] : named
    return [list, own] as const
  })
  const present = lists.filter(([list, own]) => own.length > 0 || Object.hasOwn(given, list))
  const volumes = objectsAt(given, 'volumes').map((raw, index) => ({ ...raw, name: `v${index}` }))
  return {
    ...pod,
    metadata: { ...objectAt(pod, 'metadata'), labels: POD.metadata.labels },
    spec: {
      ...given,
      ...(volumes.length > 0 ? { volumes } : {}),
      ...Object.fromEntries(present),
      serviceAccountName: 'trainer',
    } as JsonObject,
  }
})

/** Every field of the schema, by the path of names that leads to it first. */
export function fieldsIn(value: Json, into: Set<string>): void {
  if (Array.isArray(value)) for (const each of value as readonly Json[]) fieldsIn(each, into)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, each] of Object.entries(value)) {
      into.add(key)
      fieldsIn(each, into)
    }
  }
}
