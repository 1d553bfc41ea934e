/** What is put on record of a decision: who asked for which identity, and why it was refused. Nothing else of the pod, which holds secrets. */
import type { Entry } from '../audit/record.ts'
import type { Bundle } from '../policy/bundle.ts'
import { type Admission, IDENTITY_LABEL, type Verdict } from './admission.ts'
import { ownerOf } from './owner-of.ts'

export type Decided = Pick<Admission, 'pod' | 'namespace' | 'operation'> & {
  readonly stage: 'mutate' | 'validate'
  readonly verdict: Verdict
  /** Uid of the AdmissionReview. */
  readonly review: string
}

export type AdmissionEntry = Extract<Entry, { kind: 'admission' }>

/**
 * Nothing for an update that was let through: so do the kubelet's reports of how the pod fares, several for each pod, and such
 * an update changes nothing of ours. Never throws, whatever a pod is.
 */
export function admissionEntry(decided: Decided, bundle: Bundle | undefined): AdmissionEntry | undefined {
  const { pod, namespace, operation, stage, verdict, review } = decided
  if (operation === 'UPDATE' && verdict.effect === 'admit') return undefined
  const { metadata, spec } = Object(pod)
  const { name, generateName, labels } = Object(metadata)
  const { serviceAccountName = 'default', nodeName } = Object(spec)
  const asked =
    verdict.effect === 'admit' ? verdict.identity : new Map(Object.entries(Object(labels))).get(IDENTITY_LABEL)
  const identity = named(asked)
  const owner = ownerOf(pod)
  // A pod that was refused speaks for nobody: then team and principal are not said.
  const known = verdict.effect === 'admit' ? bundle?.identities.get(identity) : undefined
  return {
    kind: 'admission',
    who: {
      team: known?.team ?? '',
      identity,
      principal: known?.principal ?? '',
      namespace: named(namespace),
      // Before the API server has drawn a name there is its beginning, which ends as no name does.
      pod: named(name) || named(generateName),
      serviceAccount: named(serviceAccountName),
      node: named(nodeName),
      ...(owner === undefined ? {} : { owner }),
    },
    admission: {
      operation,
      stage,
      effect: verdict.effect,
      reasons: verdict.effect === 'deny' ? [...new Set(verdict.denials.map(({ reason }) => reason))] : [],
      review: named(review),
    },
    bundle: bundle?.hash ?? '',
  }
}

/** As Kubernetes names things; what is none of that is not repeated. */
const named = (value: unknown): string =>
  typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/.test(value) ? value : ''
