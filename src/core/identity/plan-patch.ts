/**
 * What is missing from a pod, as additions: the sidecar, its volumes, and for each other container the client
 * environment. Nothing is removed or replaced, the same pod gives the same bytes, and a pod that has it all gives nothing.
 */
import { CLIENT_MOUNT } from './checks/volumes.ts'
import { clientEnvironment } from './client-environment.ts'
import type { SidecarSpec } from './injection.ts'
import { inspectSidecar } from './inspect-sidecar.ts'
import { type JsonObject, objectsAt, textAt } from './json.ts'
import { type PatchOperation, pointer } from './json-patch.ts'
import { type Container, nameOf, othersIn, type Pod } from './pod.ts'
import { CLIENT_DIRECTORY, CLIENT_VOLUME, sidecarContainer } from './sidecar-container.ts'

export type Plan = { readonly patch: readonly PatchOperation[]; readonly warnings: readonly string[] }

/** Containers of service meshes that must run before anything that uses the network; they need no HDFS. */
const MESH = new Set([
  'istio-init',
  'istio-validation',
  'istio-proxy',
  'linkerd-init',
  'linkerd-network-validator',
  'linkerd-proxy',
])

export function planPatch(pod: Pod, spec: SidecarSpec, identity: string): Plan {
  const { hasContainer, missingVolumes } = inspectSidecar(pod, spec, identity)
  const clients = clientsIn(pod).map((container) => planClient(container, spec, identity))
  return {
    patch: [
      // Containers first: the sidecar moves the init containers behind it one place on.
      ...clients.flatMap(({ patch }) => patch),
      ...(hasContainer ? [] : [addSidecar(pod, sidecarContainer(spec, identity))]),
      ...append(pointer('spec', 'volumes'), pod.volumes.length > 0, missingVolumes),
    ],
    warnings: clients.flatMap(({ warnings }) => warnings),
  }
}

/** At the final object: another webhook may have added a container after ours was asked. It runs all the same. */
export function lateContainers(pod: Pod, spec: SidecarSpec, identity: string): readonly string[] {
  return clientsIn(pod)
    .filter((container) => planClient(container, spec, identity).patch.length > 0)
    .map(
      (container) =>
        `${nameOf(container)} was added or changed after Kerbside, and lacks part of the HDFS client environment`,
    )
}

const clientsIn = (pod: Pod) =>
  othersIn(pod).filter(({ list, name }) => list !== 'ephemeralContainers' && !MESH.has(name))

/** First, or right behind the containers of a mesh that stand first: before anything that could want HDFS. */
function addSidecar(pod: Pod, sidecar: JsonObject): PatchOperation {
  const present = pod.containers.filter(({ list }) => list === 'initContainers')
  const at = pointer('spec', 'initContainers')
  if (present.length === 0) return { op: 'add', path: at, value: [sidecar] }
  const other = present.findIndex(({ name }) => !MESH.has(name))
  return { op: 'add', path: `${at}/${other === -1 ? present.length : other}`, value: sidecar }
}

function planClient(container: Container, spec: SidecarSpec, identity: string): Plan {
  const at = pointer('spec', container.list, container.index)
  const present = new Map(container.env.map((variable) => [textAt(variable, 'name'), textAt(variable, 'value')]))
  const wanted = [...clientEnvironment(spec, identity)]
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
