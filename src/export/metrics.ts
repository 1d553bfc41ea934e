/** What is measured of each sink, as it stands when it is asked for. Names of sinks come from the settings: no record makes a label. */
import { Counter, Gauge, Registry } from 'prom-client'
import type { Running } from './run.ts'

export type ExportMetrics = {
  readonly registry: Registry
  rejected(sink: string, count: number): void
}

export function exportMetrics(sinks: ReadonlyMap<string, Running>, clock: () => number): ExportMetrics {
  const registry = new Registry()
  const registers = [registry]
  const gauge = (name: string, help: string, valueFor: (running: Running) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['sink'],
      registers,
      collect() {
        for (const [sink, running] of sinks) this.set({ sink }, valueFor(running))
      },
    })
  gauge(
    'kerbside_export_lag_seconds',
    'Seconds since a sink last had every record that there was',
    (running) => Math.max(0, clock() - running.standing().currentAt) / 1000,
  )
  gauge(
    'kerbside_export_behind_bytes',
    'Bytes of records that a sink has not got, as of its last batch',
    (running) => running.standing().behindBytes,
  )
  gauge('kerbside_export_failing', '1 while a sink fails and is tried again, else 0', (running) =>
    running.standing().state === 'failing' ? 1 : 0,
  )
  const counter = (name: string, help: string, valueFor: (running: Running) => number) =>
    new Counter({
      name,
      help,
      labelNames: ['sink'],
      registers,
      collect() {
        this.reset()
        for (const [sink, running] of sinks) this.inc({ sink }, valueFor(running))
      },
    })
  counter(
    'kerbside_export_records_total',
    'Records that are where a sink puts them',
    (running) => running.standing().records,
  )
  counter(
    'kerbside_export_unreadable_lines_total',
    'Lines that are no records, and were passed over',
    (running) => running.standing().unreadable,
  )
  new Counter({
    name: 'kerbside_export_failures_total',
    help: 'Tries of a sink that failed, by the code of the error',
    labelNames: ['sink', 'code'],
    registers,
    collect() {
      this.reset()
      for (const [sink, running] of sinks)
        for (const [code, count] of running.standing().failures) this.inc({ sink, code }, count)
    },
  })
  const rejected = new Counter({
    name: 'kerbside_export_rejected_total',
    help: 'Records that a collector said it will never take; they are not sent again',
    labelNames: ['sink'],
    registers,
  })
  return { registry, rejected: (sink, count) => rejected.inc({ sink }, count) }
}
