/** Why a pod was injected or not: every rule of admission in its order, each with whether the pod keeps it. */

import type { Bundle } from '../policy/bundle.ts'
import { ADMISSION_REASONS, type AdmissionReason } from '../reasons.ts'
import { type Admission, IDENTITY_LABEL } from './admission.ts'
import { evaluate } from './evaluate.ts'
import type { Injection } from './injection.ts'
import { readPod } from './pod.ts'

export type RuleOutcome = {
  readonly reason: AdmissionReason
  readonly isKept: boolean
  /** What is wrong and what to change, each in one line; when the rule is kept, what it guards against. */
  readonly told: readonly string[]
}

export type InjectionStory = {
  /** `not-asked`: no label, so nobody was asked. `ready`: it has its sidecar. `pending`: it would get one if it was created now. */
  readonly state: 'not-asked' | 'ready' | 'pending' | 'refused'
  readonly identity: string | undefined
  readonly rules: readonly RuleOutcome[]
  readonly warnings: readonly string[]
}

/** Rules that no single pod keeps or breaks: they are about an update, a port, or ourselves, and are told only when broken. */
const ABOUT_NO_POD: ReadonlySet<AdmissionReason> = new Set([
  'label-changed',
  'port-forward',
  'no-policy',
  'internal-error',
  'sidecar-missing',
])

/** @throws KerbsideError `bad-request` when it is no pod */
export function explainInjection(
  { pod: value, ...about }: Omit<Admission, 'stage' | 'operation' | 'old'>,
  bundle: Bundle,
  injection: Injection,
): InjectionStory {
  const pod = readPod(value)
  const identity = pod.labels.get(IDENTITY_LABEL)
  if (identity === undefined) return { state: 'not-asked', identity, rules: [], warnings: [] }
  const hasSidecar = pod.containers.some(({ isSidecar }) => isSidecar)
  const stage = hasSidecar ? 'validate' : 'mutate'
  const verdict = evaluate({ ...about, pod: value, stage, operation: 'CREATE' }, bundle, injection)
  const denials = verdict.effect === 'deny' ? verdict.denials : []
  const reasons = (Object.keys(ADMISSION_REASONS) as AdmissionReason[]).filter(
    (reason) => !ABOUT_NO_POD.has(reason) || denials.some((denial) => denial.reason === reason),
  )
  return {
    state: verdict.effect === 'deny' ? 'refused' : hasSidecar ? 'ready' : 'pending',
    identity,
    rules: reasons.map((reason) => {
      const told = denials.filter((denial) => denial.reason === reason).map(({ message }) => message)
      return { reason, isKept: told.length === 0, told: told.length === 0 ? [ADMISSION_REASONS[reason]] : told }
    }),
    warnings: verdict.effect === 'admit' ? verdict.warnings : [],
  }
}
