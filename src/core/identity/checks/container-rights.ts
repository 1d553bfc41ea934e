/** Whether a container has rights with which it could leave its confinement, or stand in for the sidecar. */
import { type Denial, denial } from '../admission.ts'
import { flagAt, objectAt, textAt, textsAt } from '../json.ts'
import { MESH } from '../mesh.ts'
import { type Container, nameOf, othersIn, type Pod, userOf } from '../pod.ts'
import { SIDECAR_USER } from '../sidecar-container.ts'
import { heldUser } from '../sidecar-user.ts'
import type { Check } from './check.ts'

/**
 * What each gives: ALL everything; SYS_ADMIN mounts and namespaces; SYS_PTRACE other processes; SYS_MODULE and SYS_RAWIO
 * the kernel; DAC_READ_SEARCH files by handle, across mount namespaces; NET_ADMIN rerouting of the network that the pod
 * shares; BPF and PERFMON what every process does. NET_RAW is not here: containers have it unless they drop it, and what
 * leaves the sidecar is encrypted.
 */
export const DANGEROUS_CAPABILITIES = new Set([
  'ALL',
  'BPF',
  'CHECKPOINT_RESTORE',
  'DAC_READ_SEARCH',
  'NET_ADMIN',
  'PERFMON',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_MODULE',
  'SYS_PTRACE',
  'SYS_RAWIO',
])

export const containerRights: Check = (pod) =>
  othersIn(pod).flatMap((container) => [
    ...privileged(pod, container),
    ...capabilities(container),
    ...sameUser(pod, container),
  ])

function privileged(pod: Pod, container: Container): Denial[] {
  const { security } = container
  const isHostProcess = [pod.security, security].some((of) => flagAt(objectAt(of, 'windowsOptions'), 'hostProcess'))
  const fields = [
    ...(flagAt(security, 'privileged') ? ['privileged: true'] : []),
    ...(textAt(security, 'procMount') === 'Unmasked' ? ['procMount: Unmasked'] : []),
    ...(isHostProcess ? ['windowsOptions.hostProcess: true'] : []),
  ]
  return fields.map((field) =>
    denial('privileged', { where: nameOf(container), change: `remove \`${field}\` from its securityContext` }),
  )
}

function capabilities(container: Container): Denial[] {
  return textsAt(objectAt(container.security, 'capabilities'), 'add')
    .filter((name) => DANGEROUS_CAPABILITIES.has(canonicalCapability(name)))
    .map((name) =>
      denial('dangerous-capability', {
        where: nameOf(container),
        change: MESH.has(container.name)
          ? 'have the service mesh use its CNI plugin, which needs no such container'
          : `remove \`${name}\` from capabilities.add`,
      }),
    )
}

/** containerd takes any case, and the name with or without its prefix (oci.WithAddedCapabilities). */
const canonicalCapability = (name: string) => name.toUpperCase().replace(/^CAP_/, '')

function sameUser(pod: Pod, container: Container): Denial[] {
  const user = userOf(pod, container)
  if (user === undefined || (user !== SIDECAR_USER && user !== heldUser(pod))) return []
  return [
    denial('same-user', {
      where: nameOf(container),
      change: `set a runAsUser other than ${user} in its securityContext`,
    }),
  ]
}
