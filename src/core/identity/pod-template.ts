/**
 * The pods that an object of Kubernetes makes: a Pod itself, or the templates that its controller copies. They are found by their
 * shape, so that nobody has to list the kinds: wherever an object has `spec.containers`, that is a pod.
 */
import { IDENTITY_LABEL } from './admission.ts'
import { type Json, type JsonObject, member, objectAt, textAt } from './json.ts'

export type Path = readonly (string | number)[]

export type PodTemplate = {
  /** Where in the document: `spec, template`; empty for a Pod. */
  readonly path: Path
  /** `Job/train`, for messages; with where it stands when the object makes several. */
  readonly name: string
  /** Of the object. */
  readonly namespace: string | undefined
  readonly pod: JsonObject
}

/** A document may be a `List`, whose objects are looked at one by one. */
export function podTemplatesIn(document: JsonObject): readonly PodTemplate[] {
  return objectsIn(document).flatMap(({ path, object }) => {
    const found = podsBelow(object, [])
    return found.map(({ path: inside, pod }) => ({
      path: [...path, ...inside],
      name: found.length > 1 ? `${nameIn(object)} ${inside.join('.')}` : nameIn(object),
      namespace: textAt(objectAt(object, 'metadata'), 'namespace'),
      pod,
    }))
  })
}

/** Objects that have the label, but not on a pod template: their controllers make pods of something else, or copy it there. */
export function askingElsewhere(document: JsonObject): readonly string[] {
  return objectsIn(document)
    .filter(({ object }) => hasLabel(object) && !podsBelow(object, []).some(({ pod }) => asksForIdentity(pod)))
    .map(({ object }) => nameIn(object))
}

export const asksForIdentity = (pod: JsonObject): boolean =>
  Object.hasOwn(objectAt(objectAt(pod, 'metadata'), 'labels'), IDENTITY_LABEL)

/** The document with something else at that place. */
export function replacedAt(within: Json, [step, ...rest]: Path, by: Json): Json {
  if (step === undefined) return by
  if (Array.isArray(within)) {
    const list: readonly Json[] = within
    return list.with(Number(step), replacedAt(list[Number(step)] ?? null, rest, by))
  }
  const object = within as JsonObject
  return { ...object, [step]: replacedAt(object[step] ?? null, rest, by) }
}

function objectsIn(document: JsonObject): readonly { readonly path: Path; readonly object: JsonObject }[] {
  const items = member(document, 'items')
  if (!textAt(document, 'kind')?.endsWith('List') || !Array.isArray(items)) return [{ path: [], object: document }]
  const list: readonly Json[] = items
  return list.flatMap((object, index) => (isObject(object) ? [{ path: ['items', index], object }] : []))
}

/** Not below a pod: what it holds is its own. */
function podsBelow(value: Json, path: Path): readonly { readonly path: Path; readonly pod: JsonObject }[] {
  if (Array.isArray(value)) {
    const list: readonly Json[] = value
    return list.flatMap((each, index) => podsBelow(each, [...path, index]))
  }
  if (!isObject(value)) return []
  if (isPod(value)) return [{ path, pod: value }]
  return Object.entries(value).flatMap(([key, each]) => podsBelow(each, [...path, key]))
}

function isPod(object: JsonObject): boolean {
  const spec = member(object, 'spec')
  const containers = spec !== undefined && isObject(spec) ? member(spec, 'containers') : undefined
  return Array.isArray(containers) && containers.length > 0 && (containers as readonly Json[]).every(isObject)
}

function hasLabel(value: Json): boolean {
  if (Array.isArray(value)) return (value as readonly Json[]).some(hasLabel)
  if (!isObject(value)) return false
  return Object.hasOwn(value, IDENTITY_LABEL) || Object.values(value).some(hasLabel)
}

function nameIn(object: JsonObject): string {
  const metadata = objectAt(object, 'metadata')
  const kind = textAt(object, 'kind') ?? 'object'
  return `${kind}/${textAt(metadata, 'name') ?? textAt(metadata, 'generateName') ?? ''}`
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
