/** Whether a volume, or a mount of one, leads to the sidecar's service-account token, its files, or those of its node. */
import { type Denial, denial } from '../admission.ts'
import { type JsonObject, member, objectAt, objectsAt, sameJson, textAt } from '../json.ts'
import { type Container, nameOf, othersIn, type Volume } from '../pod.ts'
import {
  CLIENT_DIRECTORY,
  CLIENT_VOLUME,
  RESERVED_AUDIENCE,
  RESERVED_PREFIX,
  TOKEN_VOLUME,
} from '../sidecar-container.ts'
import type { Check } from './check.ts'

/** The one way in which other containers mount a volume of ours. */
export const CLIENT_MOUNT: JsonObject = { name: CLIENT_VOLUME, mountPath: CLIENT_DIRECTORY, readOnly: true }

export const volumes: Check = (pod, { injection }) => {
  const foreign = pod.volumes.filter(({ name }) => !name.startsWith(RESERVED_PREFIX))
  return [
    ...pod.volumes
      .filter(({ name }) => name !== TOKEN_VOLUME)
      .filter(mintsReservedToken)
      .map(({ name }) =>
        denial('reserved-audience', {
          where: `volume \`${name}\``,
          change: `ask for another audience than \`${RESERVED_AUDIENCE}\``,
        }),
      ),
    ...foreign.flatMap((volume) => hostPath(volume, injection.allowedHostPaths)),
    ...foreign.flatMap((volume) => inlineCsi(volume, injection.allowedCsiDrivers)),
    ...othersIn(pod).flatMap(reservedMounts),
  ]
}

function mintsReservedToken({ raw }: Volume): boolean {
  const sources = objectsAt(objectAt(raw, 'projected'), 'sources')
  return sources.some((source) => textAt(objectAt(source, 'serviceAccountToken'), 'audience') === RESERVED_AUDIENCE)
}

/** A path with dot segments is below nothing. */
function hostPath({ name, raw }: Volume, allowed: readonly string[]): Denial[] {
  if (member(raw, 'hostPath') === undefined) return []
  const path = textAt(objectAt(raw, 'hostPath'), 'path') ?? ''
  const isPlain = path.split('/').every((segment) => segment !== '.' && segment !== '..')
  if (isPlain && allowed.some((folder) => `${path}/`.startsWith(`${folder.replace(/\/+$/, '')}/`))) return []
  return [
    denial('host-path', { where: `volume \`${name}\``, change: 'use an emptyDir or a persistent volume instead' }),
  ]
}

/** A driver that knows the pod by its service account, as drivers of secret stores do, would give the job what is the sidecar's. */
function inlineCsi({ name, raw }: Volume, allowed: readonly string[]): Denial[] {
  if (member(raw, 'csi') === undefined) return []
  const driver = textAt(objectAt(raw, 'csi'), 'driver') ?? ''
  if (allowed.includes(driver)) return []
  const change = 'use a persistent volume, or ask the operator to add its driver to `allowedCsiDrivers`'
  return [denial('csi-volume', { where: `volume \`${name}\``, change })]
}

function reservedMounts(container: Container): Denial[] {
  const mounts = [...container.mounts, ...objectsAt(container.raw, 'volumeDevices')]
  return mounts
    .filter((mount) => textAt(mount, 'name')?.startsWith(RESERVED_PREFIX) && !sameJson(mount, CLIENT_MOUNT))
    .map((mount) =>
      denial('reserved-volume', {
        where: nameOf(container),
        change: `remove its mount of \`${textAt(mount, 'name')}\``,
      }),
    )
}
