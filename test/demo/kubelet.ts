/**
 * The lab plays kubelet here, and nothing else: it prepares a pod's volumes and starts its containers from exactly their
 * specs. It runs inside the lab. What it leaves out of a real one: cgroup limits, seccomp and a network namespace for each pod.
 */
import { type ChildProcess, execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { LabFolder } from '../lab/part.ts'
import { startContainer } from './container.ts'
import type { Container, EnvVar, Pod, Volume } from './pod.ts'

const NODE = 'node1'

/** What an image brings, where the machine's own programs stand in for its layers. */
export type Image = {
  /** What runs where the pod names no `command`. */
  readonly entrypoint?: readonly string[]
  /** Folders that it has beyond the machine's: source and place. */
  readonly folders?: readonly { readonly from: string; readonly to: string }[]
}

/** Gives a pod-bound service-account token of this audience, as the TokenRequest API does. */
export type TokenIssuer = (pod: Pod, audience: string, seconds: number) => Promise<string>

/** Where a volume that is not made by the kubelet itself comes from, for instance a CSI driver; undefined for unknown ones. */
export type VolumeDriver = (volume: Volume) => string | undefined

export type Kubelet = {
  /** Starts one container with its command, arguments, environment and files; `command` replaces what its spec would run. */
  start(container: Container, command?: readonly string[]): ChildProcess
  /** Host folder of a volume of the pod. */
  volume(name: string): string
}

export type World = {
  readonly issue: TokenIssuer
  readonly driver: VolumeDriver
  readonly images: ReadonlyMap<string, Image>
}

export async function playKubelet(lab: LabFolder, pod: Pod, { issue, driver, images }: World): Promise<Kubelet> {
  const folder = join(lab.path, 'pods', pod.metadata.uid)
  const volumes = new Map<string, string>()
  for (const volume of pod.spec.volumes ?? []) {
    const path = driver(volume) ?? join(folder, volume.name)
    mkdirSync(path, { recursive: true })
    if (volume.emptyDir !== undefined) chmodSync(path, 0o777)
    if (volume.emptyDir?.medium === 'Memory') mountMemory(path, volume.emptyDir.sizeLimit ?? '16Mi')
    for (const { serviceAccountToken: token } of volume.projected?.sources ?? []) {
      if (token === undefined) continue
      const file = join(path, token.path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, await issue(pod, token.audience ?? 'api', token.expirationSeconds ?? 3600))
    }
    volumes.set(volume.name, path)
  }
  const volume = (name: string) => {
    const path = volumes.get(name)
    if (path === undefined) throw new Error(`the pod has no volume \`${name}\``)
    return path
  }
  return {
    volume,
    start(container, command) {
      const context = { ...pod.spec.securityContext, ...container.securityContext }
      const user = context.runAsUser ?? 1000
      const image = images.get(container.image)
      const mounts = (container.volumeMounts ?? []).map(({ name, mountPath, readOnly }) => ({
        from: volume(name),
        to: mountPath,
        readOnly: readOnly === true,
      }))
      const layers = (image?.folders ?? []).map((folder) => ({ ...folder, readOnly: true }))
      const variables = (container.env ?? []).map(
        (variable) => [variable.name, resolveVariable(variable, pod)] as const,
      )
      return startContainer(lab, {
        user,
        group: context.runAsGroup ?? user,
        readOnlyRoot: context.readOnlyRootFilesystem === true,
        ...(container.workingDir === undefined ? {} : { workingDirectory: container.workingDir }),
        mounts: [...layers, ...mounts],
        env: Object.fromEntries(variables),
        command: command ?? [...(container.command ?? image?.entrypoint ?? []), ...(container.args ?? [])],
      })
    },
  }
}

function mountMemory(path: string, size: string): void {
  const bytes = size.replace(/Mi$/, 'm').replace(/Gi$/, 'g').replace(/Ki$/, 'k')
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=1777`, 'tmpfs', path])
}

function resolveVariable({ name, value, valueFrom }: EnvVar, pod: Pod): string {
  if (valueFrom === undefined) return (value ?? '').replaceAll('$$', '$')
  const fields = new Map([
    ['metadata.name', pod.metadata.name],
    ['metadata.namespace', pod.metadata.namespace],
    ['metadata.uid', pod.metadata.uid],
    ['spec.serviceAccountName', pod.spec.serviceAccountName ?? 'default'],
    ['spec.nodeName', NODE],
    ['status.podIP', '127.0.0.1'],
  ])
  const field = fields.get(valueFrom.fieldRef?.fieldPath ?? '')
  if (field === undefined) throw new Error(`no field for ${name}`)
  return field
}
