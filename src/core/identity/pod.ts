/** A pod read once, from JSON that anyone may have written, into what the checks ask about. */
import { asObject, type JsonObject, numberAt, objectAt, objectsAt, textAt } from './json.ts'
import { SIDECAR_NAME } from './sidecar-container.ts'

export const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const
export type ContainerList = (typeof CONTAINER_LISTS)[number]

export type Container = {
  readonly name: string
  readonly list: ContainerList
  /** Place in its list. */
  readonly index: number
  /** Whether it stands where the sidecar stands. That it is the sidecar, only {@link inspectSidecar} knows. */
  readonly isSidecar: boolean
  readonly env: readonly JsonObject[]
  readonly mounts: readonly JsonObject[]
  /** Empty when it has none; what is absent holds for the pod. */
  readonly security: JsonObject
  readonly raw: JsonObject
}

export type Volume = { readonly name: string; readonly raw: JsonObject }

export type Pod = {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly annotations: ReadonlyMap<string, string>
  /** `default` when the pod names none (ServiceAccount admission does the same). */
  readonly serviceAccount: string
  readonly containers: readonly Container[]
  readonly volumes: readonly Volume[]
  readonly security: JsonObject
  readonly spec: JsonObject
}

/** @throws KerbsideError `bad-request` when something has a type that no pod has */
export function readPod(value: unknown): Pod {
  const pod = asObject(value, 'pod')
  const metadata = objectAt(pod, 'metadata')
  const spec = objectAt(pod, 'spec')
  return {
    name: textAt(metadata, 'name') ?? '',
    labels: textsIn(objectAt(metadata, 'labels')),
    annotations: textsIn(objectAt(metadata, 'annotations')),
    serviceAccount:
      nonEmpty(textAt(spec, 'serviceAccountName')) ?? nonEmpty(textAt(spec, 'serviceAccount')) ?? 'default',
    containers: CONTAINER_LISTS.flatMap((list) =>
      objectsAt(spec, list).map((raw, index) => container(raw, list, index)),
    ),
    volumes: objectsAt(spec, 'volumes').map((raw) => ({ name: textAt(raw, 'name') ?? '', raw })),
    security: objectAt(spec, 'securityContext'),
    spec,
  }
}

/** The user a container runs as, as far as the pod says; the image may say it otherwise. */
export function userOf(pod: Pod, container: Container): number | undefined {
  return numberAt(container.security, 'runAsUser') ?? numberAt(pod.security, 'runAsUser')
}

/** Everything but the sidecar. */
export const othersIn = (pod: Pod): readonly Container[] => pod.containers.filter(({ isSidecar }) => !isSidecar)

/** How a message names a container. */
export const nameOf = ({ name }: Container): string => `container \`${name}\``

function container(raw: JsonObject, list: ContainerList, index: number): Container {
  const name = textAt(raw, 'name') ?? ''
  return {
    name,
    list,
    index,
    isSidecar: list === 'initContainers' && name === SIDECAR_NAME,
    env: objectsAt(raw, 'env'),
    mounts: objectsAt(raw, 'volumeMounts'),
    security: objectAt(raw, 'securityContext'),
    raw,
  }
}

const textsIn = (texts: JsonObject): ReadonlyMap<string, string> =>
  new Map(Object.keys(texts).map((key) => [key, textAt(texts, key) ?? '']))

const nonEmpty = (text: string | undefined) => (text === '' ? undefined : text)
