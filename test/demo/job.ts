/** A manifest, and the pod that the Job controller makes of it. */
import { randomUUID } from 'node:crypto'
import { parse } from 'yaml'
import type { JsonObject } from '../../src/core/identity/json.ts'

type Job = {
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: { readonly template: { readonly metadata: JsonObject; readonly spec: JsonObject } }
}

/** The pod as it is before admission, with a name and uid as the API server gives them. */
export function podOf(manifest: string): JsonObject {
  const { metadata, spec } = parse(manifest) as Job
  const uid = randomUUID()
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...spec.template.metadata,
      name: `${metadata.name}-${uid.slice(0, 5)}`,
      namespace: metadata.namespace,
      uid,
    },
    spec: spec.template.spec,
  }
}
