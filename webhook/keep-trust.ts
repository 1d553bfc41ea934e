/** Keeps the authorities that sign for us in the webhook configurations: when they change, and every ten seconds, as somebody may apply those anew. */

import type { Logger } from 'pino'
import { toKerbsideError } from '../src/core/errors.ts'
import type { KubernetesAccess } from '../src/io/kubernetes.ts'
import type { WebhookMetrics } from './metrics.ts'
import { publishTrust } from './publish-trust.ts'

const REPEAT_MS = 10_000
const RETRY_MS = 2000

export type Trust = {
  /** Why the API server never trusted us yet; undefined once it did, or when nobody asked us to see to it. */
  problem(): string | undefined
  /** What the configurations held when they were last seen; undefined when that is not known. */
  published(): string | undefined
  /** Writes what is to be trusted now. */
  renew(): void
  stop(): void
}

export type KeepTrustOptions = {
  readonly cluster: KubernetesAccess | undefined
  /** Certificates in PEM, asked for anew each time. */
  readonly authorities: () => string
  /** What may stand beside them. */
  readonly beside: string
  readonly log: Logger
  readonly metrics: Pick<WebhookMetrics, 'trustPublished'>
}

export function keepTrust({ cluster, authorities, beside, log, metrics }: KeepTrustOptions): Trust {
  if (cluster === undefined) {
    return { problem: () => undefined, published: () => undefined, renew: () => {}, stop: () => {} }
  }
  let problem: string | undefined = 'the webhook configurations do not carry our CA yet'
  let published: string | undefined
  let isTrusted = false
  let isPublishing = false
  let isWanted = false
  let timer: NodeJS.Timeout | undefined
  let isStopped = false

  async function publish(): Promise<void> {
    const caPem = authorities()
    const found = await publishTrust(cluster as KubernetesAccess, { ours: caPem, beside }).then(
      () => undefined,
      (thrown: unknown) => toKerbsideError(thrown),
    )
    if (found !== undefined && found.message !== problem) {
      log.error({ problem: found.message, hint: found.hint }, 'trust is not published')
    }
    problem = found?.message
    published = problem === undefined ? caPem : undefined
    isTrusted ||= problem === undefined
    metrics.trustPublished(problem === undefined)
  }
  /** One at a time: what is asked for meanwhile is done after it. */
  async function renew(): Promise<void> {
    isWanted = true
    if (isPublishing) return
    isPublishing = true
    while (isWanted && !isStopped) {
      isWanted = false
      await publish()
    }
    isPublishing = false
    clearTimeout(timer)
    if (!isStopped) timer = setTimeout(renew, problem === undefined ? REPEAT_MS : RETRY_MS).unref()
  }
  void renew()
  return {
    // What fails later is logged and counted, but does not stop admission.
    problem: () => (isTrusted ? undefined : problem),
    published: () => published,
    renew: () => void renew(),
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
