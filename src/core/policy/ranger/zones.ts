/** Ranger's security zones as places: what lies in a zone is judged by the policies of that zone, and by no other. */
import type { HdfsPath } from '../../hdfs/path.ts'
import type { RangerExport, RangerPolicy } from './export.ts'
import { covers, type Extent, extentOf } from './extent.ts'

export type Zones = {
  /** Prefixes where another zone may begin. */
  readonly paths: readonly HdfsPath[]
  /** Zone of a path, empty for none: in two zones at once is in none (`RangerPolicyEngineImpl`). */
  zoneAt(path: HdfsPath): string
  /** Whether the export says what lies in the zone. */
  isKnown(zone: string): boolean
  /** Where the zones lie that are not known well enough. */
  readonly unclear: readonly { readonly zone: string; readonly path: HdfsPath }[]
}

/** @param service name of the HDFS service, under which a zone lists its resources */
export function zonesOf({ zones }: Pick<RangerExport, 'zones'>, service: string): Zones {
  const extents = zones.flatMap(({ name, services }) =>
    (new Map(Object.entries(services)).get(service)?.resources ?? []).flatMap((resource) =>
      (new Map(Object.entries(resource)).get('path') ?? []).flatMap((value) => {
        const extent = extentOf(value, true)
        return extent === undefined ? [] : [{ zone: name, extent }]
      }),
    ),
  )
  const clear = extents.filter(({ extent }) => extent.reach === 'tree')
  const unclear = extents.filter(({ extent }) => extent.reach !== 'tree')
  return {
    paths: extents.map(({ extent }) => extent.path),
    zoneAt(path) {
      const around = new Set(clear.filter(({ extent }) => covers(extent, path)).map(({ zone }) => zone))
      const [only = ''] = around
      return around.size === 1 ? only : ''
    },
    isKnown: (zone) => zones.some(({ name }) => name === zone) && !unclear.some((one) => one.zone === zone),
    unclear: unclear.map(({ zone, extent }) => ({ zone, path: extent.path })),
  }
}

/** Zones that policies name and the export does not hold: nobody knows where they lie. */
export const missingZones = (policies: readonly RangerPolicy[], { zones }: Pick<RangerExport, 'zones'>) =>
  [...new Set(policies.map(({ zoneName }) => zoneName))].filter(
    (name) => name !== '' && !zones.some((zone) => zone.name === name),
  )

export const treeOf = (path: HdfsPath): Extent => ({ path, reach: 'tree' })
