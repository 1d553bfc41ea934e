/** `kerbside export`: follows the records of brokers on their disk, and puts them into Parquet, HDFS, Kafka, OTLP and standard output. */
import { join } from 'node:path'
import { pino } from 'pino'
import { KerbsideError } from '../core/errors.ts'
import { readExportSettings } from '../core/export-settings.ts'
import { readSettingsFile } from '../io/settings-file.ts'
import { openCursor } from './cursor.ts'
import { exportMetrics } from './metrics.ts'
import { openSink } from './open-sinks.ts'
import { readOptions } from './options.ts'
import { type Running, runSink } from './run.ts'
import { exportServer } from './server.ts'

export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  if (options === undefined) return
  const { settingsFile, listen, port } = options
  const settings = readExportSettings(await readSettingsFile(settingsFile, '--settings'), settingsFile)
  // Standard output may be a sink.
  const log = pino({ name: 'export' }, pino.destination(2))
  const sinks = new Map<string, Running>()
  const metrics = exportMetrics(sinks, Date.now)

  for (const to of settings.sinks) {
    const sink = await openSink(to, {
      settings,
      clock: Date.now,
      stdout: process.stdout,
      onRejected(name, count) {
        if (count === 0) return
        metrics.rejected(name, count)
        log.error({ sink: name, count }, 'the collector will never take some records: they are not sent again')
      },
    })
    const running = runSink({
      directory: settings.records,
      sink,
      cursor: await openCursor(join(settings.state, `${to.name}.cursor`)),
      clock: Date.now,
      random: Math.random,
      onFailure: ({ code, message, hint }) => log.error({ sink: to.name, code, hint }, message),
    })
    sinks.set(to.name, running)
  }

  const server = exportServer(sinks, metrics)
  try {
    await server.listen({ host: listen, port })
  } catch (cause) {
    throw new KerbsideError('port-taken', `cannot listen on \`${listen}:${port}\``, { cause, hint: 'give --port' })
  }
  log.info({ addresses: server.addresses(), sinks: [...sinks.keys()] }, 'listening')

  const stop = async () => {
    await Promise.all([...sinks.values()].map((running) => running.stop()))
    await server.close()
    log.info('stopped')
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}
