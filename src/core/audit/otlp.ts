/**
 * Records as OTLP logs, in its JSON encoding (opentelemetry-proto 1.x, `ExportLogsServiceRequest`): the line as the body, so that
 * what can be proved of it goes along, and each column as an attribute, so that nobody needs to parse it.
 */
import { type Cell, COLUMNS, cellOf } from './columns.ts'
import type { AuditRecord } from './record.ts'

type AnyValue =
  | { readonly stringValue: string }
  /** 64 bits: a text, as JSON has no such number. */
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly boolValue: boolean }
  | { readonly arrayValue: { readonly values: readonly AnyValue[] } }
  | { readonly kvlistValue: { readonly values: readonly KeyValue[] } }
type KeyValue = { readonly key: string; readonly value: AnyValue }

export type LogRecord = {
  readonly timeUnixNano: string
  readonly observedTimeUnixNano: string
  readonly severityNumber: number
  readonly severityText: string
  readonly eventName: string
  readonly body: AnyValue
  readonly attributes: readonly KeyValue[]
}

/** SeverityNumber: 9 is INFO, 13 is WARN. */
const INFO = { severityNumber: 9, severityText: 'INFO' } as const
const WARN = { severityNumber: 13, severityText: 'WARN' } as const

/** The names that OpenTelemetry's own conventions have for some columns; the others are ours. */
const CONVENTIONS: ReadonlyMap<string, string> = new Map([
  ['namespace', 'k8s.namespace.name'],
  ['pod', 'k8s.pod.name'],
  ['node', 'k8s.node.name'],
  ['client', 'user_agent.original'],
])
/** These are fields of the log record itself. */
const ELSEWHERE: ReadonlySet<string> = new Set(['time'])

/** @param observedAt when it was read here, milliseconds since the epoch */
export function toLogRecord(record: AuditRecord, line: string, observedAt: number): LogRecord {
  const attributes = COLUMNS.filter(({ name }) => !ELSEWHERE.has(name)).flatMap((column) => {
    const cell = cellOf(record, column)
    if (cell === undefined || cell === '') return []
    return [
      {
        key: CONVENTIONS.get(column.name) ?? `kerbside.${column.name}`,
        value: valueFor(cell, column.type === 'BIGINT'),
      },
    ]
  })
  const uid = { key: 'log.record.uid', value: { stringValue: `${record.sidecar}/${record.sequence}` } }
  return {
    timeUnixNano: nanosOf(Date.parse(record.time)),
    observedTimeUnixNano: nanosOf(observedAt),
    ...(isRefused(record) ? WARN : INFO),
    eventName: `kerbside.audit.${record.kind}`,
    body: { stringValue: line },
    attributes: [uid, ...attributes],
  }
}

export const toExportRequest = (logRecords: readonly LogRecord[]) => ({
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'kerbside' } }] },
      scopeLogs: [{ scope: { name: 'kerbside.audit' }, logRecords }],
    },
  ],
})

const nanosOf = (ms: number): string => `${Math.trunc(ms)}000000`

function isRefused(record: AuditRecord): boolean {
  if (record.kind === 'start') return record.why.effect === 'deny'
  if (record.kind === 'admission') return record.admission.effect === 'deny'
  if (record.kind === 'view') return record.view.effect === 'deny'
  return record.kind === 'refusal' || record.kind === 'gap'
}

function valueFor(cell: Exclude<Cell, undefined>, isWhole: boolean): AnyValue {
  if (typeof cell === 'string') return { stringValue: wellFormed(cell) }
  if (typeof cell === 'boolean') return { boolValue: cell }
  if (typeof cell === 'number') return isWhole ? { intValue: String(cell) } : { doubleValue: cell }
  if (Array.isArray(cell)) return { arrayValue: { values: cell.map((one) => ({ stringValue: wellFormed(one) })) } }
  const values = Object.entries(cell as Readonly<Record<string, string>>).map(([key, value]) => ({
    key,
    value: { stringValue: wellFormed(value) },
  }))
  return { kvlistValue: { values } }
}

/** Half of a surrogate pair is in no UTF-8, and a collector refuses the whole batch for it. */
const wellFormed = (text: string): string => text.toWellFormed()
