/** `kerbside webhook`: mutates and validates pods, and keeps its own TLS. A parts list. */
import { once } from 'node:events'
import type { Server } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'
import { type Logger, pino, stdTimeFunctions } from 'pino'
import { KerbsideError, toKerbsideError } from '../src/core/errors.ts'
import { admissionEntry } from '../src/core/identity/admission-entry.ts'
import { evaluate } from '../src/core/identity/evaluate.ts'
import { readInjection } from '../src/core/identity/read-injection.ts'
import { readInjectionFile } from '../src/io/injection-file.ts'
import { kubernetesConfig } from '../src/io/kubernetes.ts'
import { currentInjection } from '../src/io/serving/current-injection.ts'
import { type AuditParts, openWebhookAudit, type WebhookAudit } from './audit.ts'
import { currentPolicy } from './current-policy.ts'
import { webhookMetrics } from './metrics.ts'
import { watchNamespaces } from './namespaces.ts'
import { readOptions, type WebhookOptions } from './options.ts'
import { ownPod } from './own-pod.ts'
import { serveTls } from './serve-tls.ts'
import { webhookServer } from './server.ts'

/** How long answers on their way may take once nobody new is served. */
const LAST_ANSWERS_MS = 2000
/** And how long the broker may take to have the last records. What it does not have then stays in the folder. */
const LAST_RECORDS_MS = 5000

export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  if (options === undefined) return
  // Lines that come while others are written go out with the next ones: to write each by itself costs more than to decide. What is
  // left is written when this process ends.
  const log = pino(
    { base: null, timestamp: stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } },
    pino.destination({ sync: false }),
  )
  const metrics = webhookMetrics()
  const file =
    options.injection === undefined
      ? readInjection(options.overrides, 'command line')
      : await readInjectionFile(options.injection, options.overrides)
  const policy = await currentPolicy(options.policies, { log, metrics })
  const cluster = 'directory' in options.tls ? undefined : await kubernetesConfig(options.kubeconfig, process.env)
  const namespaces = watchNamespaces({ cluster, log, clock: () => performance.now() })
  let isEnding = false
  let audit: WebhookAudit | undefined
  const server = webhookServer({
    log,
    metrics,
    evaluate(admission) {
      const labels = namespaces.labelsOf(admission.namespace)
      const known = labels === undefined ? {} : { namespaceLabels: labels }
      const userRange = namespaces.userRangeOf(admission.namespace)
      return evaluate({ ...admission, ...known, userRange }, policy.bundle(), injection())
    },
    record(decided) {
      const entry = options.audit && admissionEntry(decided, policy.bundle())
      if (entry === undefined) return
      if (audit === undefined) metrics.recordsLost(1)
      else audit.record(entry)
    },
    notReady: () => tls.problem() ?? namespaces.problem(),
    isEnding: () => isEnding,
  })
  const tls = await serveTls(options, {
    cluster,
    beside: file.authorities ?? '',
    log,
    metrics,
    use: ({ certificatePem: cert, keyPem: key }) => server.setSecureContext({ cert, key }),
  })
  const injection = currentInjection(file, tls.serving.authorities)
  audit = await auditFor(options, {
    log,
    metrics,
    broker: injection().current.broker,
    ca: () => injection().current.ca,
  })
  await listen(server, options, log)

  const end = () => {
    if (isEnding) return
    isEnding = true
    log.info({ seconds: options.drainSeconds }, 'ending')
    // It takes a while until everyone knows that we end: who still comes is served.
    setTimeout(() => {
      tls.stop()
      namespaces.stop()
      policy.stop()
      // A connection that was opened ahead and never used would hold up the end for ever.
      void Promise.race([once(server.close(), 'close'), wait(LAST_ANSWERS_MS)])
        .then(() => Promise.race([audit?.close(), wait(LAST_RECORDS_MS)]))
        .then(() => process.exit(0))
    }, options.drainSeconds * 1000)
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

async function auditFor(
  { audit }: WebhookOptions,
  parts: Pick<AuditParts, 'metrics' | 'broker' | 'ca'> & { readonly log: Logger },
): Promise<WebhookAudit | undefined> {
  if (audit === undefined) return undefined
  const pod = await ownPod(audit.tokenFile)
  return openWebhookAudit({ ...audit, ...parts, pod, clock: Date.now, chance: Math.random }).catch(
    (thrown: unknown) => {
      // A disk that is full must not stop what the cluster does.
      parts.log.error({ problem: toKerbsideError(thrown).message }, 'decisions are not on record')
      return undefined
    },
  )
}

async function listen(server: Server, { listen: host, port }: WebhookOptions, log: Logger): Promise<void> {
  try {
    await once(server.listen({ host, port }), 'listening')
    log.info({ host, port }, 'listening')
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
    if (!isTaken) throw new KerbsideError('io-failed', `cannot listen on ${host}, port ${port}`, { cause })
    throw new KerbsideError('port-taken', `port ${port} is taken`, { cause, hint: 'choose another with --port' })
  }
}
