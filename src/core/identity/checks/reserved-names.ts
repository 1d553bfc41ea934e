/** Whether the pod brings names of its own that begin like ours: nothing may be taken for the sidecar or its volumes. */
import { denial } from '../admission.ts'
import { nameOf, othersIn } from '../pod.ts'
import { RESERVED_PREFIX, sidecarVolumes } from '../sidecar-container.ts'
import type { Check } from './check.ts'

export const reservedNames: Check = (pod, { injection }) => {
  // A volume of our name is compared with ours elsewhere; any other name of that prefix is nobody's.
  const ours = new Set([injection.current, ...injection.earlier].flatMap(sidecarVolumes).map(({ name }) => name))
  const seconds = pod.containers.filter(({ isSidecar }) => isSidecar).slice(1)
  const containers = [...othersIn(pod).filter(({ name }) => name.startsWith(RESERVED_PREFIX)), ...seconds]
  const volumes = pod.volumes.filter(({ name }) => name.startsWith(RESERVED_PREFIX) && !ours.has(name))
  return [
    ...containers.map((container) =>
      denial('reserved-name', { where: nameOf(container), change: 'give the container another name' }),
    ),
    ...volumes.map(({ name }) =>
      denial('reserved-name', { where: `volume \`${name}\``, change: 'give the volume another name' }),
    ),
  ]
}
