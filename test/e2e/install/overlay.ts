/** An overlay of kustomize, made from what the chart gives for other values than its own. */
import { parse, stringify } from 'yaml'
import { type Json, type JsonObject, objectAt } from '../../../src/core/identity/json.ts'
import { pointer } from '../../../src/core/identity/json-patch.ts'
import { nameOf, objectsIn } from './helm.ts'

type Operation = { readonly op: 'add' | 'replace' | 'remove'; readonly path: string; readonly value?: Json }

const BASE = '../../manifests'
const ADDED = 'added.yaml'

/** Texts by file name, from texts of single documents. */
export function overlayOf(base: readonly string[], wanted: readonly string[]): ReadonlyMap<string, string> {
  const [before, after] = [byName(base), byName(wanted)]
  const added = [...after].filter(([name]) => !before.has(name)).map(([, text]) => text)
  const changed = [...after].flatMap(([name, text]) => {
    const [from, to] = [objectIn(before.get(name) ?? text), objectIn(text)]
    const operations = differences(from, to)
    return operations.length === 0 ? [] : [{ target: targetOf(to), patch: stringify(operations) }]
  })
  const removed = [...before]
    .filter(([name]) => !after.has(name))
    .map(([, text]) => objectIn(text))
    .map(({ apiVersion, kind, metadata }) => ({ patch: stringify({ apiVersion, kind, metadata, $patch: 'delete' }) }))
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: added.length === 0 ? [BASE] : [BASE, ADDED],
    ...(changed.length + removed.length === 0 ? {} : { patches: [...changed, ...removed] }),
  }
  const head = '# Written from deploy/chart by values.yaml, for who has no Helm: change those.\n'
  const files = new Map([['kustomization.yaml', `${head}${stringify(kustomization, { lineWidth: 0 })}`]])
  if (added.length > 0) files.set(ADDED, `${head}${added.join('---\n')}`)
  return files
}

const objectIn = (text: string): JsonObject => parse(text) as JsonObject
const byName = (texts: readonly string[]) =>
  new Map(texts.map((text) => [objectsIn(text).map(nameOf).join(), text] as const))

const targetOf = (object: JsonObject) => ({
  kind: object['kind'],
  name: objectAt(object, 'metadata')['name'],
})

/** RFC 6902; a list that has become longer or shorter is replaced as a whole. */
function differences(from: Json, to: Json, at: readonly string[] = []): readonly Operation[] {
  if (JSON.stringify(from) === JSON.stringify(to)) return []
  if (!isObject(from) || !isObject(to)) return [{ op: 'replace', path: pointer(...at), value: to }]
  const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key))
  return [
    ...gone.map((key) => ({ op: 'remove', path: pointer(...at, key) }) as const),
    ...Object.entries(to).flatMap(([key, value]) => {
      const before = from[key]
      if (before === undefined) return [{ op: 'add', path: pointer(...at, key), value } as const]
      return differences(before, value, [...at, key])
    }),
  ]
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
