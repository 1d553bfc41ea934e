/**
 * What is missing from a pod, as additions: the sidecar, its volumes, and for each other container the client
 * environment. Nothing is removed or replaced, the same pod gives the same bytes, and a pod that has it all gives nothing.
 */
import { type Choices, readAnnotations } from './annotations.ts'
import { CLIENT_MOUNT } from './checks/volumes.ts'
import { clientEnvironment } from './client-environment.ts'
import { withDefaultToken } from './default-token.ts'
import type { SidecarSpec } from './injection.ts'
import type { Inspection } from './inspect-sidecar.ts'
import { type JsonObject, objectsAt, textAt } from './json.ts'
import { type PatchOperation, pointer } from './json-patch.ts'
import { MESH } from './mesh.ts'
import { type Container, nameOf, othersIn, type Pod } from './pod.ts'
import { CLIENT_DIRECTORY, CLIENT_VOLUME, sidecarContainer } from './sidecar-container.ts'

export type Plan = { readonly patch: readonly PatchOperation[]; readonly warnings: readonly string[] }

export function planPatch(
  pod: Pod,
  { spec, inspection, identity }: { spec: SidecarSpec; inspection: Inspection; identity: string },
): Plan {
  const { hasContainer, missingVolumes } = inspection
  const clients = planClients(pod, spec, identity)
  return {
    patch: [
      // Containers first: the sidecar moves the init containers behind it one place on.
      ...clients.flatMap(({ patch }) => patch),
      ...(hasContainer ? [] : [addSidecar(pod, withDefaultToken(sidecarContainer(spec, identity), pod))]),
      ...append(pointer('spec', 'volumes'), pod.volumes.length > 0, missingVolumes),
      ...addPullSecrets(pod, spec),
    ],
    warnings: clients.flatMap(({ warnings }) => warnings),
  }
}

/** At the final object: another webhook may have added a container after ours was asked. It runs all the same. */
export function lateContainers(pod: Pod, spec: SidecarSpec, identity: string): readonly string[] {
  return planClients(pod, spec, identity)
    .filter(({ patch }) => patch.length > 0)
    .map(
      ({ container }) =>
        `${nameOf(container)} was added or changed after Kerbside, and lacks part of the HDFS client environment`,
    )
}

function planClients(
  pod: Pod,
  spec: SidecarSpec,
  identity: string,
): readonly (Plan & { readonly container: Container })[] {
  const { choices } = readAnnotations(pod)
  if (choices.clients === 'none') return []
  const variables = choices.clients === 'files' ? NO_VARIABLES : clientEnvironment(spec, identity)
  return othersIn(pod)
    .filter((container) => isClient(container, choices))
    .map((container) => ({ container, ...planClient(container, variables) }))
}

const NO_VARIABLES: ReadonlyMap<string, string> = new Map()

const isClient = ({ list, name }: Container, { containers }: Choices) =>
  list !== 'ephemeralContainers' && !MESH.has(name) && (containers?.includes(name) ?? true)

/** They are a matter of the kubelet and the registry: no look at the final pod asks for them. */
function addPullSecrets({ spec }: Pod, { imagePullSecrets }: SidecarSpec): PatchOperation[] {
  const present = objectsAt(spec, 'imagePullSecrets')
  const names = new Set(present.map((secret) => textAt(secret, 'name')))
  const missing = imagePullSecrets.filter((name) => !names.has(name)).map((name) => ({ name }))
  return append(pointer('spec', 'imagePullSecrets'), present.length > 0, missing)
}

/** First, or right behind the containers of a mesh that stand first: before anything that could want HDFS. */
function addSidecar(pod: Pod, sidecar: JsonObject): PatchOperation {
  const present = pod.containers.filter(({ list }) => list === 'initContainers')
  const at = pointer('spec', 'initContainers')
  if (present.length === 0) return { op: 'add', path: at, value: [sidecar] }
  const other = present.findIndex(({ name }) => !MESH.has(name))
  return { op: 'add', path: `${at}/${other === -1 ? present.length : other}`, value: sidecar }
}

function planClient(container: Container, environment: ReadonlyMap<string, string>): Plan {
  const at = pointer('spec', container.list, container.index)
  const present = new Map<string, string | undefined>()
  // Of the thousands that a container may have, only a few are of interest.
  for (const variable of container.env) {
    const name = textAt(variable, 'name')
    if (name !== undefined && environment.has(name)) present.set(name, textAt(variable, 'value'))
  }
  const wanted = [...environment]
  const variables = wanted.filter(([name]) => !present.has(name)).map(([name, value]) => ({ name, value }))
  const kept = wanted.filter(([name, value]) => present.has(name) && present.get(name) !== value)
  const mountsAtDirectory = container.mounts.filter((mount) => isAt(mount, CLIENT_DIRECTORY))
  const isTaken = mountsAtDirectory.some((mount) => textAt(mount, 'name') !== CLIENT_VOLUME)
  return {
    patch: [
      ...append(`${at}/env`, container.env.length > 0, variables),
      ...append(
        `${at}/volumeMounts`,
        objectsAt(container.raw, 'volumeMounts').length > 0,
        mountsAtDirectory.length > 0 ? [] : [CLIENT_MOUNT],
      ),
    ],
    warnings: [
      ...kept.map(([name, value]) => `${nameOf(container)} keeps its own ${name}; Kerbside would set \`${value}\``),
      ...(isTaken
        ? [`${nameOf(container)} mounts something else at ${CLIENT_DIRECTORY}, so it has no Hadoop configuration`]
        : []),
    ],
  }
}

/** Values at the end of a list, which is made when it is not there. */
function append(at: string, exists: boolean, values: readonly JsonObject[]): PatchOperation[] {
  if (values.length === 0) return []
  if (!exists) return [{ op: 'add', path: at, value: values }]
  return values.map((value) => ({ op: 'add', path: `${at}/-`, value }))
}

const isAt = (mount: JsonObject, directory: string) => textAt(mount, 'mountPath')?.replace(/\/+$/, '') === directory
