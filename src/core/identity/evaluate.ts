/** The whole of admission: whether a pod may have its identity, and what it must be given. */
import { KerbsideError } from '../errors.ts'
import type { Bundle } from '../policy/bundle.ts'
import { type Admission, type Denial, denial, IDENTITY_LABEL, type Verdict } from './admission.ts'
import { readAnnotations } from './annotations.ts'
import { CHECKS } from './checks/all.ts'
import { chooseIdentity } from './choose-identity.ts'
import type { Identity, Namespace } from './identity.ts'
import type { Injection, SidecarSpec } from './injection.ts'
import { containerDifferences, type Inspection, inspectRunning, inspectSidecar, leastOf } from './inspect-sidecar.ts'
import { objectAt } from './json.ts'
import { lateProxies } from './mesh.ts'
import { lateContainers, planPatch } from './plan-patch.ts'
import { type Pod, readPod } from './pod.ts'
import { tooSmall } from './room.ts'
import { SIDECAR_NAME } from './sidecar-container.ts'
import { specFor } from './spec-for.ts'

/** How many differing fields a message names. */
const FIELDS_TOLD = 6

/**
 * 1. A pod gets the identity of its label when that identity allows its namespace and service account.
 * 2. Every check must pass. All denials are told at once; one denies.
 * 3. Mutate adds what is missing and touches nothing else; what stands in our place and is not ours denies.
 * 4. Validate wants the pod that mutate makes, by the policy and the injection of now. A running pod may hold other
 *    settings of its identity (resources, log level, life of the token): those may have changed since.
 * 5. An update may not bring in anything that would deny, nor change identity or sidecar. What was admitted stays
 *    admitted: a pod is not caught by a rule, a grant or a setting that changed after it (the broker does that).
 * An exception is a denial.
 */
export function evaluate(admission: Admission, bundle: Bundle | undefined, injection: Injection): Verdict {
  if (bundle === undefined) return deny([denial('no-policy', { change: 'try again when the policy is mended' })])
  try {
    const pod = readPod(admission.pod)
    return admission.operation === 'UPDATE'
      ? judgeUpdate(pod, readPod(admission.old), { admission, bundle, injection })
      : judgeNew(pod, { admission, bundle, injection })
  } catch (cause) {
    return { ...deny([uncheckable(cause)]), cause }
  }
}

type World = { readonly admission: Admission; readonly bundle: Bundle; readonly injection: Injection }

function judgeNew(pod: Pod, world: World): Verdict {
  const { admission, bundle, injection } = world
  const identity = chooseIdentity(pod, namespaceOf(admission), bundle)
  const chosen = admission.stage === 'running' ? [] : readAnnotations(pod).denials
  if ('reason' in identity) return deny([identity, ...shapeDenials(pod, undefined, world), ...chosen])
  const spec = specFor(injection.current, identity, { pod, userRange: admission.userRange })
  const room = admission.stage === 'running' ? [] : [...storeDenials(identity, spec), ...roomDenials(pod, spec)]
  const inspection = (admission.stage === 'running' ? inspectRunning : inspectSidecar)(pod, spec, identity.name)
  const sidecar = sidecarDenials(pod, { identity, inspection, world })
  const denials = [...shapeDenials(pod, identity, world), ...chosen, ...room, ...sidecar]
  if (denials.length > 0) return deny(denials)
  const { patch, warnings } =
    admission.stage === 'mutate'
      ? planPatch(pod, { spec, inspection, identity: identity.name })
      : { patch: [], warnings: [...lateContainers(pod, spec, identity.name), ...lateProxies(pod)] }
  return { effect: 'admit', identity: identity.name, patch, warnings }
}

function judgeUpdate(pod: Pod, old: Pod, world: World): Verdict {
  const shape = (each: Pod) => {
    const identity = chooseIdentity(each, namespaceOf(world.admission), world.bundle)
    return shapeDenials(each, 'reason' in identity ? undefined : identity, world)
  }
  const known = new Set(shape(old).map(({ message }) => message))
  const brought = shape(pod).filter(({ message }) => !known.has(message))
  const denials = [...labelChange(pod, old), ...sidecarChange(pod, old, world.injection), ...brought]
  if (denials.length > 0) return deny(denials)
  return { effect: 'admit', identity: pod.labels.get(IDENTITY_LABEL) ?? '', patch: [], warnings: [] }
}

const namespaceOf = ({ namespace, namespaceLabels }: Admission): Namespace => ({
  name: namespace,
  ...(namespaceLabels === undefined ? {} : { labels: namespaceLabels }),
})

/** Denials that the pod earns whatever its sidecar is like. */
function shapeDenials(pod: Pod, identity: Identity | undefined, { bundle, injection }: World): readonly Denial[] {
  const cluster = identity === undefined ? undefined : bundle.clusters.get(identity.cluster)
  return CHECKS.flatMap((check) => check(pod, { injection, cluster }))
}

/** Its sidecar would end as soon as it has read its policy, again and again. */
function storeDenials({ secretsThrough }: Identity, { store }: SidecarSpec): readonly Denial[] {
  if (store !== 'none' || secretsThrough === 'broker') return []
  return [denial('no-secret-store', { change: 'ask for `secretsThrough: broker` in the Identity' })]
}

function roomDenials(pod: Pod, { resources }: SidecarSpec): readonly Denial[] {
  return tooSmall(pod, resources).map(({ field, least }) =>
    denial('no-room', {
      where: `resources.${field} of the pod`,
      change: `add at least \`${least}\` to what the job needs`,
    }),
  )
}

/** @param inspection by the injection of now */
function sidecarDenials(
  pod: Pod,
  { identity, inspection: current, world }: { identity: Identity; inspection: Inspection; world: World },
): readonly Denial[] {
  const { admission, injection } = world
  if (admission.stage === 'mutate') return current.differences.length === 0 ? [] : [differs(current.differences)]
  if (!current.hasContainer) return [missing()]
  const inspect = admission.stage === 'running' ? inspectRunning : inspectSidecar
  const specOf = (spec: SidecarSpec) => specFor(spec, identity, { pod, userRange: admission.userRange })
  const earlier = injection.earlier.map((spec) => inspect(pod, specOf(spec), identity.name))
  const isOurs = [current, ...earlier].some(({ differences, missingVolumes }) => {
    return differences.length + missingVolumes.length === 0
  })
  return isOurs
    ? []
    : [differs([...current.differences, ...current.missingVolumes.map(({ name }) => `volume ${name}`)])]
}

function labelChange(pod: Pod, old: Pod): readonly Denial[] {
  if (pod.labels.get(IDENTITY_LABEL) === old.labels.get(IDENTITY_LABEL)) return []
  return [
    denial('label-changed', {
      where: `label ${IDENTITY_LABEL}`,
      change: 'create a new pod with the label it should have',
    }),
  ]
}

function sidecarChange(pod: Pod, old: Pod, { current }: Injection): readonly Denial[] {
  const [now, before] = [pod, old].map(({ containers }) => containers.find(({ isSidecar }) => isSidecar)?.raw ?? {})
  const resources = objectAt(before ?? {}, 'resources')
  const least = { ...leastOf(current), ...objectAt(resources, 'requests'), ...objectAt(resources, 'limits') }
  const differences = containerDifferences(now ?? {}, before ?? {}, least)
  return differences.length === 0 ? [] : [differs(differences)]
}

const missing = () =>
  denial('sidecar-missing', {
    change: 'put the label on the pod template, so that it is there when the pod is created',
  })

function differs(fields: readonly string[]): Denial {
  const more = fields.length > FIELDS_TOLD ? ` and ${fields.length - FIELDS_TOLD} more` : ''
  const where = `container \`${SIDECAR_NAME}\` (${fields.slice(0, FIELDS_TOLD).join(', ')}${more})`
  const cause = fields.includes('restartPolicy')
    ? 'a webhook that does not know sidecars removed `restartPolicy`: update that one'
    : `remove the container and the volumes that begin with \`${SIDECAR_NAME}\` from the manifest; if they are not in it, another webhook changed them`
  return denial('sidecar-differs', { where, change: cause })
}

/** Only an error of our own has a message that quotes no pod. */
function uncheckable(cause: unknown): Denial {
  const isMalformed = cause instanceof KerbsideError && cause.code === 'bad-request'
  const change = isMalformed ? `${cause.message}, which no pod has` : 'tell the operator of Kerbside when it happened'
  return denial('internal-error', { change })
}

const deny = (denials: readonly Denial[]): Verdict & { effect: 'deny' } => ({ effect: 'deny', denials })
