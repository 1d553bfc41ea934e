/** The pod that an object of Kubernetes makes: a Pod itself, or the template that a controller copies. */
import { type JsonObject, objectAt, textAt } from './json.ts'

export type PodTemplate = {
  /** `Job/train`, for messages. */
  readonly name: string
  readonly namespace: string | undefined
  readonly pod: JsonObject
  /** The object with another pod in its place. */
  readonly withPod: (pod: JsonObject) => JsonObject
}

/** Undefined for an object that makes no pod. Knows Pod, `spec.template` (Job, Deployment …) and CronJob. */
export function podTemplateOf(object: JsonObject): PodTemplate | undefined {
  const kind = textAt(object, 'kind') ?? ''
  const path = PATHS.get(kind) ?? TEMPLATE
  const pod = path.reduce(objectAt, object)
  if (kind !== 'Pod' && Object.keys(objectAt(pod, 'spec')).length === 0) return undefined
  const metadata = objectAt(object, 'metadata')
  return {
    name: `${kind}/${textAt(metadata, 'name') ?? textAt(metadata, 'generateName') ?? ''}`,
    namespace: textAt(metadata, 'namespace'),
    pod,
    withPod: (changed) => replaced(object, path, changed),
  }
}

const TEMPLATE: readonly string[] = ['spec', 'template']
const PATHS = new Map<string, readonly string[]>([
  ['Pod', []],
  ['CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
])

function replaced(object: JsonObject, [key, ...rest]: readonly string[], by: JsonObject): JsonObject {
  return key === undefined ? by : { ...object, [key]: replaced(objectAt(object, key), rest, by) }
}
