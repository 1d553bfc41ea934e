/** The sidecar: its parts, each of which needs those before it. They are closed the other way round. */
import { KerbsideError, toKerbsideError } from '../src/core/errors.ts'
import type { ToldChange } from '../src/core/kerberos/told-change.ts'
import { readSettings, type Settings } from '../src/core/settings.ts'
import { openAuditLog } from '../src/io/audit/log.ts'
import { Shipper } from '../src/io/audit/shipper.ts'
import { checkStoreSettings } from '../src/io/secret-stores/open.ts'
import { ClientFiles } from './client-files.ts'
import { Ahead } from './credentials/ahead.ts'
import { Credentials } from './credentials/credentials.ts'
import { startHealthServer } from './health/health-server.ts'
import { Live } from './health/live.ts'
import { causeFields, type Log, makeLog } from './log.ts'
import { BrokerClient } from './policy/broker-client.ts'
import { TellBroker } from './policy/tell-broker.ts'
import type { ClusterProperties } from './ports.ts'
import { Shutdown } from './shutdown.ts'
import { CLOCKS } from './steady-clock.ts'
import { whatIsMissing, whyEnded, writeTerminationMessage } from './termination-message.ts'
import { noteIn, whoOf } from './who.ts'

/** Room for about two million records. */
const AUDIT_BYTES = 1 << 30

/** Runs until SIGTERM or SIGINT. @throws KerbsideError what keeps it from starting, once all is closed again */
export async function main(args: readonly string[]): Promise<void> {
  if (args.length > 0) {
    throw new KerbsideError('bad-usage', `unknown argument \`${args[0]}\``, {
      hint: 'the sidecar takes its settings from the environment; the webhook writes them',
    })
  }
  const settings = readSettings(process.env)
  checkStoreSettings(settings)
  const log = makeLog({ level: settings.logLevel, out: (line) => console.log(line), clock: Date.now })
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort())
  const shutdown = new Shutdown(log)
  let live: Live | undefined
  try {
    await start({ settings, log, stop: stop.signal, shutdown, onLive: (made) => (live = made) })
    await aborted(stop.signal)
    log.info('stopping: running transfers may end, new requests are refused')
  } catch (thrown) {
    if (!stop.signal.aborted) {
      await writeTerminationMessage(whyEnded(toKerbsideError(thrown)))
      throw thrown
    }
  } finally {
    if (stop.signal.aborted && live !== undefined) await writeTerminationMessage(whatIsMissing(live.measure().standing))
    await shutdown.run()
  }
  log.info('stopped')
  process.exit(0)
}

type Start = {
  readonly settings: Settings
  readonly log: Log
  readonly stop: AbortSignal
  readonly shutdown: Shutdown
  readonly onLive: (live: Live) => void
}

async function start({ settings, log, stop, shutdown, onLive }: Start): Promise<void> {
  const { identity, ca, tokenFile, runDirectory, auditDirectory } = settings
  const clock = Date.now
  const ahead = new Ahead(runDirectory)
  const monotonic = () => performance.now()
  const broker = { url: settings.broker, ca, tokenFile, identity, log, clock: monotonic, chance: Math.random }
  const slice = shutdown.add('broker client', new BrokerClient(broker))
  const live = new Live(slice, clock)
  onLive(live)
  shutdown.add('health server', await startHealthServer(settings.healthPort, () => live.measure()))

  const who = whoOf(settings, slice, await slice.first(stop))
  const auditLog = { directory: auditDirectory, sidecar: settings.podUid, who: who(), clock, maxBytes: AUDIT_BYTES }
  const audit = shutdown.add('audit log', await openAuditLog(auditLog))
  const parts = { ...broker, audit, directory: auditDirectory, sidecar: settings.podUid, now: clock }
  shutdown.add('audit delivery', new Shipper(parts))
  const note = noteIn(audit, who, log)
  slice.onNews((news) => note({ kind: 'policy', ...news }))
  const clientFiles = new ClientFiles(settings, slice, (problem) => log.error(toKerbsideError(problem).message))
  await clientFiles.start()

  const useConfiguration = (given: ClusterProperties) => clientFiles.use(given)
  const teller = shutdown.add('events', new TellBroker(broker))
  const told = { log, note, clocks: CLOCKS, tell: (change: ToldChange) => teller.tell(change) }
  const session = { store: settings, runDirectory, slices: slice, useConfiguration, ahead, ...told }
  const credentials = shutdown.add('credentials', new Credentials(session))
  live.credentials = credentials

  const { tokens } = credentials
  const trust = () => credentials.trust()
  const warn = (message: string, cause?: unknown) => log.warn(message, causeFields(cause))
  // Half of all code, loaded while the KDC is asked: a start waits for that anyway.
  const { startGateway } = await import('./gateway/gateway.ts')
  const gateway = { port: settings.gatewayPort, slice, tokens, trust, audit, who, clock, log: { warn } }
  live.gateway = shutdown.add('gateway', await startGateway(gateway))
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
