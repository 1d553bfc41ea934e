/**
 * Whether the sidecar in a pod is the one that would be injected. What the API server, its admission plugins and
 * autoscalers change in any container is let through, and nothing else; each such thing is named here.
 */

import { parseQuantity } from '../quantity.ts'
import { isDefaultTokenMount } from './default-token.ts'
import { heldAuthorities, heldSettings } from './held-settings.ts'
import type { SidecarSpec } from './injection.ts'
import { type Json, type JsonObject, objectAt, objectsAt, sameJson, textAt } from './json.ts'
import { withOwnProbe } from './mesh.ts'
import type { Container, Pod } from './pod.ts'
import { sidecarContainer, sidecarVolumes } from './sidecar-container.ts'
import { formsOf } from './sidecar-forms.ts'

export type Inspection = {
  readonly hasContainer: boolean
  /** Volumes of ours that the pod does not have. */
  readonly missingVolumes: readonly JsonObject[]
  /** Fields in which something that is there is not ours: `image`, `env KERBSIDE_BROKER`, `volume kerbside-run`. */
  readonly differences: readonly string[]
}

export function inspectSidecar(pod: Pod, spec: SidecarSpec, identity: string): Inspection {
  const container = pod.containers.find(({ isSidecar }) => isSidecar)
  const held = container === undefined ? spec : { ...spec, ca: heldAuthorities(container, spec) }
  const volumes = sidecarVolumes(held).map((ours) => ({ ours, theirs: volumeNamed(pod, ours) }))
  return {
    hasContainer: container !== undefined,
    missingVolumes: volumes.filter(({ theirs }) => theirs === undefined).map(({ ours }) => ours),
    differences: [
      ...(container === undefined
        ? []
        : leastDifferent(container, { pod, ours: sidecarContainer(held, identity), spec })),
      ...volumes
        .filter(({ ours, theirs }) => theirs !== undefined && !sameJson(ours, withoutDefaults(theirs, ours)))
        .map(({ ours }) => `volume ${textAt(ours, 'name')}`),
    ],
  }
}

type Expected = { readonly pod: Pod; readonly ours: JsonObject; readonly spec: SidecarSpec }

/** None when it is of any version's form; otherwise those from this version's. */
function leastDifferent({ raw }: Container, { pod, ours, spec }: Expected): readonly string[] {
  let first: readonly string[] | undefined
  for (const form of formsOf(ours)) {
    const differences = containerDifferences(withOwnProbe(raw, form, pod), form, leastOf(spec))
    if (differences.length === 0) return differences
    first ??= differences
  }
  return first ?? []
}

/**
 * The same for a pod that runs, which the identity's own settings may have changed under: what it holds of those is taken as
 * it is. None of them lets it see or do more.
 */
export function inspectRunning(pod: Pod, spec: SidecarSpec, identity: string): Inspection {
  const inspection = inspectSidecar(pod, { ...spec, ...heldSettings(pod) }, identity)
  return { ...inspection, differences: inspection.differences.filter((field) => field !== 'resources') }
}

/**
 * Fields in which a container is not the expected one. Also tells whether an update changed the sidecar.
 * @param least what its limits must leave it
 */
export function containerDifferences(theirs: JsonObject, ours: JsonObject, least: JsonObject): readonly string[] {
  const [found, expected] = [comparable(theirs), comparable(ours)]
  const fields = [...new Set([...Object.keys(found), ...Object.keys(expected)])]
  return [
    ...fields.filter((field) => field !== 'env' && !sameJson(found[field], expected[field])),
    ...environmentDifferences(objectsAt(theirs, 'env'), objectsAt(ours, 'env')),
    ...(hasEnough(objectAt(theirs, 'resources'), least) ? [] : ['resources']),
  ]
}

/** Whatever the class of its pod: who limits a sidecar that has no limits here limits it all the same. */
export const leastOf = ({ resources: { cpuRequest, cpuLimit, memoryLimit } }: SidecarSpec): JsonObject => ({
  cpu: cpuLimit ?? cpuRequest,
  memory: memoryLimit,
})

/** Filled in or changed after injection: by AlwaysPullImages, by LimitRanger and resize, and by the API server. */
const CHANGED_BY_OTHERS = new Set(['imagePullPolicy', 'resources', 'resizePolicy'])

/** Without those, and without the mount of the default service-account token that ServiceAccount admission adds. */
function comparable(container: JsonObject): JsonObject {
  const kept = Object.entries(container).filter(([field]) => !CHANGED_BY_OTHERS.has(field))
  const volumeMounts = objectsAt(container, 'volumeMounts').filter((mount) => !isDefaultTokenMount(mount))
  return { ...Object.fromEntries(kept), volumeMounts }
}

function environmentDifferences(theirs: readonly JsonObject[], ours: readonly JsonObject[]): string[] {
  if (sameJson(theirs, ours)) return []
  const nameIn = (variable: JsonObject) => textAt(variable, 'name') ?? ''
  const names = [...new Set([...ours, ...theirs].map(nameIn))]
  const named = (list: readonly JsonObject[], name: string): readonly Json[] =>
    list.filter((variable) => nameIn(variable) === name)
  const differing = names.filter((name) => !sameJson(named(theirs, name), named(ours, name)))
  return differing.length > 0 ? differing.map((name) => `env ${name}`) : ['order of env']
}

/** Whether every limit leaves at least what we ask for: a starved sidecar fails the job in ways nobody understands. */
function hasEnough(theirs: JsonObject, least: JsonObject): boolean {
  const limits = objectAt(theirs, 'limits')
  return Object.keys(least).every((name) => {
    const [limit, floor] = [quantityAt(limits, name), quantityAt(least, name)]
    return limit === undefined || (floor !== undefined && limit >= floor)
  })
}

/** Quantities may be numbers in JSON; what is neither is as good as nothing. */
function quantityAt(from: JsonObject, name: string): number | undefined {
  const value = from[name]
  return value === undefined ? undefined : (parseQuantity(String(value)) ?? 0)
}

/** What the API server fills into a volume source of the operator's that does not say it. */
function withoutDefaults(theirs: JsonObject, ours: JsonObject): JsonObject {
  const isFilledIn = (source: JsonObject, key: string, value: Json) =>
    !Object.hasOwn(source, key) && ((key === 'defaultMode' && value === 420) || (key === 'type' && value === ''))
  return Object.fromEntries(
    Object.entries(theirs).map(([kind, source]) => {
      const given = ours[kind]
      if (!isRecord(source) || !isRecord(given)) return [kind, source]
      return [kind, Object.fromEntries(Object.entries(source).filter(([key, value]) => !isFilledIn(given, key, value)))]
    }),
  )
}

const isRecord = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const volumeNamed = (pod: Pod, { name }: JsonObject) => pod.volumes.find((volume) => volume.name === name)?.raw
