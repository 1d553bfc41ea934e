/** The sinks that the settings name. The code of one is loaded only where there is one: DuckDB alone is 70 MB. */
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import type { ExportSettings, SinkSettings } from '../core/export-settings.ts'
import type { Sink } from './sinks/sink.ts'

export type SinkParts = {
  readonly settings: Pick<ExportSettings, 'name' | 'state'>
  readonly clock: () => number
  readonly stdout: Writable
  readonly onRejected: (sink: string, count: number) => void
}

export async function openSink(to: SinkSettings, { settings, clock, stdout, onRejected }: SinkParts): Promise<Sink> {
  const { name } = settings
  switch (to.to) {
    case 'stdout':
      return (await import('./sinks/stdout.ts')).stdoutSink(stdout)
    case 'otlp':
      return (await import('./sinks/otlp.ts')).otlpSink({
        ...to,
        clock,
        onRejected: (count) => onRejected(to.name, count),
      })
    case 'kafka':
      return (await import('./sinks/kafka.ts')).kafkaSink({ ...to, name })
    case 'parquet': {
      const { directoryPlace } = await import('./parquet/directory-place.ts')
      return parquet(to, { name, clock, place: directoryPlace(to.directory, name) })
    }
    case 'hdfs': {
      const { webHdfsPlace } = await import('./parquet/webhdfs-place.ts')
      const workshop = join(settings.state, `${to.name}.workshop`)
      return parquet(to, { name, clock, place: webHdfsPlace({ ...to, name, workshop }) })
    }
  }
}

type ToParquet = Extract<SinkSettings, { to: 'parquet' | 'hdfs' }>

async function parquet(
  { everySeconds, retentionDays }: ToParquet,
  parts: Pick<import('./sinks/parquet.ts').ParquetOptions, 'place' | 'name' | 'clock'>,
): Promise<Sink> {
  const { parquetSink } = await import('./sinks/parquet.ts')
  return parquetSink({ ...parts, everyMs: everySeconds * 1000, retentionDays })
}
