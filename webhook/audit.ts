/**
 * Decisions on record: chained on a disk of our own, and from there brought to the broker. The API server has its answer by
 * then. No pod waits for a disk or a broker, and none is refused because of them: that would stop the whole cluster's work,
 * while the broker still puts on record every secret and slice that a pod gets. What does not fit is counted, and said.
 */
import { mkdir } from 'node:fs/promises'
import type { Logger } from 'pino'
import type { Entry, Who } from '../src/core/audit/record.ts'
import { toKerbsideError } from '../src/core/errors.ts'
import { type OpenAuditLog, openAuditLog } from '../src/io/audit/log.ts'
import { Shipper } from '../src/io/audit/shipper.ts'
import type { WebhookMetrics } from './metrics.ts'
import type { OwnPod } from './own-pod.ts'

export type AuditOptions = {
  readonly directory: string
  /** Projected service-account token of the reserved audience; it also says which pod this is. */
  readonly tokenFile: string
}

export type AuditParts = AuditOptions & {
  readonly pod: OwnPod
  /** URL of the broker. */
  readonly broker: string
  /** CAs of the broker, PEM, asked for anew each time. */
  readonly ca: () => string
  readonly log: Pick<Logger, 'info' | 'warn'>
  readonly metrics: Pick<WebhookMetrics, 'recordsLost'>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  readonly chance: () => number
  readonly limits?: Partial<Limits>
}

type Limits = {
  /** Between two looks at what is to be written. */
  readonly gatherMs: number
  /** Decisions that may wait for the disk: those of a minute at full speed. */
  readonly mostWaiting: number
  /** Bytes on disk until they are delivered. */
  readonly maxBytes: number
}

const LIMITS: Limits = { gatherMs: 250, mostWaiting: 20_000, maxBytes: 128 << 20 }
/** Written at once; the log itself takes no more at a time. */
const AT_ONCE = 2048

export type WebhookAudit = {
  /** Only remembers it. Never throws, never waits. */
  record(entry: Entry): void
  /** How many could not be put on record since the start. */
  lost(): number
  /** Writes what waits, and delivers what the broker takes. */
  close(): Promise<void>
}

/** @throws KerbsideError `audit-unwritable` when the folder cannot be used to begin with */
export async function openWebhookAudit(parts: AuditParts): Promise<WebhookAudit> {
  const { directory, tokenFile, pod, broker: url, log, metrics, clock, chance } = parts
  const limits = { ...LIMITS, ...parts.limits }
  await mkdir(directory, { recursive: true })
  const who: Who = { team: '', identity: '', principal: '', node: '', ...pod.who }
  const audit = await openAuditLog({ directory, sidecar: pod.uid, who, clock, maxBytes: limits.maxBytes })
  const say = { warn: (message: string) => log.warn(message), info: (message: string) => log.info(message) }
  const shipper = new Shipper({
    ...{ url, tokenFile, audit, directory, sidecar: pod.uid, log: say, now: clock, chance },
    // The authorities change while this runs, and whoever delivers looks them up each time.
    get ca() {
      return parts.ca()
    },
  })
  const waiting: Entry[] = []
  let [lost, told] = [0, 0]
  let writing = Promise.resolve()

  const lose = (count: number) => {
    lost += count
    metrics.recordsLost(count)
  }
  const write = async () => {
    while (waiting.length > 0) lose(await writeAll(audit, waiting.splice(0, AT_ONCE), log))
    if (lost > told)
      log.warn({ lost: lost - told, ever: lost }, 'decisions are not on record: disk or broker are too slow')
    told = lost
  }
  const timer = setInterval(() => {
    writing = writing.then(write)
  }, limits.gatherMs).unref()

  return {
    record(entry) {
      if (waiting.length < limits.mostWaiting) waiting.push(entry)
      else lose(1)
    },
    lost: () => lost,
    async close() {
      clearInterval(timer)
      await writing.then(write)
      await audit.close()
      await shipper.close()
    },
  }
}

/** @returns how many of them are not on disk */
async function writeAll(audit: OpenAuditLog, entries: readonly Entry[], log: AuditParts['log']): Promise<number> {
  const written = await Promise.allSettled(entries.map((entry) => audit.write(entry)))
  const failed = written.filter((each) => each.status === 'rejected')
  const [first] = failed
  if (first !== undefined) log.warn({ problem: toKerbsideError(first.reason).message }, 'a decision is not on record')
  return failed.length
}
