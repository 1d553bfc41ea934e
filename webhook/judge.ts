/** One review, from the bytes that came to what is answered: no I/O on the way, and whatever is thrown is a denial. */
import type { Logger } from 'pino'
import { KerbsideError } from '../src/core/errors.ts'
import { type Admission, denial, type Verdict } from '../src/core/identity/admission.ts'
import type { Decided } from '../src/core/identity/admission-entry.ts'
import { inSources } from '../src/io/source-places.ts'
import type { WebhookMetrics } from './metrics.ts'
import type { Refusal } from './refusals.ts'
import { type ReviewAnswer, readReview, toAnswer } from './review.ts'

export type JudgeParts = {
  readonly log: Pick<Logger, 'info' | 'error'>
  readonly metrics: Pick<WebhookMetrics, 'decided'>
  readonly evaluate: (admission: Admission) => Verdict
  /** Puts it on record, some time later. Never throws. */
  readonly record?: ((decided: Decided) => void) | undefined
}

export function judge(body: Uint8Array, stage: 'mutate' | 'validate', parts: JudgeParts): ReviewAnswer | Refusal {
  const begun = performance.now()
  const review = readReview(body, stage)
  if ('refused' in review) return review
  const { uid, admission, owner, isDryRun } = review
  const verdict = evaluateSafely(admission, parts)
  const answer = toAnswer(uid, verdict)
  const ms = performance.now() - begun
  parts.metrics.decided(stage, verdict, ms / 1000)
  if (!isDryRun) parts.record?.({ ...admission, stage, verdict, review: uid })
  log(parts.log, { verdict, ms, stage, uid, namespace: admission.namespace, owner })
  return answer
}

function evaluateSafely(admission: Admission, { evaluate }: JudgeParts): Verdict {
  try {
    return evaluate(admission)
  } catch (cause) {
    const change = 'tell the operator of Kerbside when it happened'
    return { effect: 'deny', denials: [denial('internal-error', { change })], cause }
  }
}

type Told = { readonly verdict: Verdict; readonly ms: number } & Record<'stage' | 'uid' | 'namespace' | 'owner', string>

/** One line for each decision. Never the pod, the patch, a message or an annotation: pods hold secrets in all of them. */
function log(to: JudgeParts['log'], { verdict, ms, ...where }: Told): void {
  const told = { ...where, effect: verdict.effect, ms: Math.round(ms * 10) / 10 }
  if (verdict.effect === 'admit') {
    to.info({ ...told, identity: verdict.identity, additions: verdict.patch.length }, 'pod admitted')
    return
  }
  const reasons = verdict.denials.map(({ reason }) => reason)
  to.info({ ...told, reasons }, 'pod denied')
  const { cause } = verdict
  // Later, when the API server has its answer: the map of our sources is a file.
  if (cause !== undefined) setImmediate(() => to.error({ uid: where.uid, stack: stackOf(cause) }, 'pod not checked'))
}

/** Where it happened, without the message: that could quote the pod. What a pod is at fault for, anybody may send often. */
function stackOf(thrown: unknown): readonly string[] | string {
  if (!(thrown instanceof Error)) return typeof thrown
  const places = (thrown.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return thrown instanceof KerbsideError ? places : inSources(places.join('\n')).split('\n')
}
