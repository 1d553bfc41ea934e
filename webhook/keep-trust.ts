/** Keeps our CA in the webhook configurations of the cluster: now, and every minute, as somebody may apply them anew. */
import type { KubeConfig } from '@kubernetes/client-node'
import type { Logger } from 'pino'
import { toKerbsideError } from '../src/core/errors.ts'
import type { WebhookMetrics } from './metrics.ts'
import { publishTrust } from './publish-trust.ts'

const REPEAT_MS = 60_000
const RETRY_MS = 2000

export type Trust = {
  /** Why the API server never trusted us yet; undefined once it did, or when nobody asked us to see to it. */
  problem(): string | undefined
  stop(): void
}

export type KeepTrustOptions = {
  readonly cluster: KubeConfig | undefined
  readonly caPem: string
  readonly log: Logger
  readonly metrics: WebhookMetrics
}

export function keepTrust({ cluster, caPem, log, metrics }: KeepTrustOptions): Trust {
  if (cluster === undefined) return { problem: () => undefined, stop: () => {} }
  let problem: string | undefined = 'the webhook configurations do not carry our CA yet'
  let isTrusted = false
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  const publish = async (): Promise<void> => {
    const found = await publishTrust(cluster, caPem).then(
      () => undefined,
      (thrown: unknown) => toKerbsideError(thrown),
    )
    if (found !== undefined && found.message !== problem) {
      log.error({ problem: found.message, hint: found.hint }, 'trust is not published')
    }
    problem = found?.message
    isTrusted ||= problem === undefined
    metrics.trustPublished(problem === undefined)
    if (!isStopped) timer = setTimeout(publish, problem === undefined ? REPEAT_MS : RETRY_MS)
  }
  void publish()
  return {
    // What fails later is logged and counted, but does not stop admission.
    problem: () => (isTrusted ? undefined : problem),
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}
