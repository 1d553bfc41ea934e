/** The sidecar: its parts, each of which needs those before it. They are closed the other way round. */
import { toKerbsideError } from '../src/core/errors.ts'
import type { ToldChange } from '../src/core/kerberos/told-change.ts'
import type { Settings } from '../src/core/settings.ts'
import { openAuditLog } from '../src/io/audit/log.ts'
import { Shipper } from '../src/io/audit/shipper.ts'
import { checkSecretsWay } from '../src/io/secret-stores/open.ts'
import { ClientFiles } from './client-files.ts'
import type { Ahead } from './credentials/ahead.ts'
import { Credentials } from './credentials/credentials.ts'
import { startHealthServer } from './health/health-server.ts'
import { Live } from './health/live.ts'
import { type Log, makeLog } from './log.ts'
import { BrokerClient } from './policy/broker-client.ts'
import { TellBroker } from './policy/tell-broker.ts'
import type { ClusterProperties } from './ports.ts'
import { RequestWarnings } from './request-warnings.ts'
import { Shutdown } from './shutdown.ts'
import { CLOCKS } from './steady-clock.ts'
import { whatIsMissing, whyEnded, writeTerminationMessage } from './termination-message.ts'
import { noteIn, whoOf } from './who.ts'

/** Room for about two million records. */
const AUDIT_BYTES = 1 << 30

export type Serve = {
  readonly settings: Settings
  /** Started already. */
  readonly ahead: Ahead
  readonly stop: AbortSignal
  /** Takes a line of the log. */
  readonly out: (line: string) => void
}

/** Resolves once all is closed again after `stop`. @throws KerbsideError what keeps it from starting, likewise */
export async function serve({ settings, ahead, stop, out }: Serve): Promise<void> {
  const log = makeLog({ level: settings.logLevel, out, clock: Date.now })
  const shutdown = new Shutdown(log)
  let live: Live | undefined
  try {
    await start({ settings, ahead, log, stop, shutdown, onLive: (made) => (live = made) })
    await aborted(stop)
    log.info('stopping: running transfers may end, new requests are refused')
  } catch (thrown) {
    if (!stop.aborted) {
      await writeTerminationMessage(whyEnded(toKerbsideError(thrown)))
      throw thrown
    }
  } finally {
    if (stop.aborted && live !== undefined) await writeTerminationMessage(whatIsMissing(live.measure().standing))
    await shutdown.run()
  }
  log.info('stopped')
}

type Start = Omit<Serve, 'out'> & {
  readonly log: Log
  readonly shutdown: Shutdown
  readonly onLive: (live: Live) => void
}

async function start({ settings, ahead, log, stop, shutdown, onLive }: Start): Promise<void> {
  const { identity, ca, tokenFile, runDirectory, auditDirectory } = settings
  const clock = Date.now
  const monotonic = () => performance.now()
  const broker = { url: settings.broker, ca, tokenFile, identity, log, clock: monotonic, chance: Math.random }
  const slice = shutdown.add('broker client', new BrokerClient(broker))
  const live = new Live(slice, clock)
  onLive(live)
  shutdown.add('health server', await startHealthServer(settings.healthPort, () => live.measure()))

  const first = await slice.first(stop)
  checkSecretsWay(settings, first)
  // It is wanted next but one, and would only be in the way of what is wanted before.
  ahead.start('negotiate')
  const who = whoOf(settings, slice, first)
  const auditLog = { directory: auditDirectory, sidecar: settings.podUid, who: who(), clock, maxBytes: AUDIT_BYTES }
  const opening = openAuditLog(auditLog)
  const note = noteIn(opening, who, log)
  slice.onNews((news) => note({ kind: 'policy', ...news }))
  const clientFiles = new ClientFiles(settings, slice, (problem) => log.error(toKerbsideError(problem).message))
  const filesWritten = clientFiles.start()

  const useConfiguration = (given: ClusterProperties) => clientFiles.use(given)
  const teller = shutdown.add('events', new TellBroker(broker))
  const told = { log, note, clocks: CLOCKS, tell: (change: ToldChange) => teller.tell(change) }
  const session = { store: settings, runDirectory, slices: slice, useConfiguration, ahead, ...told }
  const credentials = shutdown.add('credentials', new Credentials(session))
  live.credentials = credentials

  const { tokens } = credentials
  const trust = () => credentials.trust()
  const warnings = new RequestWarnings({ log, clock: monotonic })
  const warn = (message: string, cause?: unknown) => warnings.warn(message, cause)
  // The gateway is half of all code. All that while the KDC is asked: a start waits for that anyway.
  const [{ startGateway }, opened] = await Promise.all([import('./gateway/gateway.ts'), opening, filesWritten])
  const audit = shutdown.add('audit log', opened)
  const parts = { ...broker, audit, directory: auditDirectory, sidecar: settings.podUid, now: clock }
  live.delivery = shutdown.add('audit delivery', new Shipper(parts))
  const gateway = { port: settings.gatewayPort, slice, tokens, trust, audit, who, clock, log: { warn } }
  const running = await startGateway(gateway)
  live.gateway = running
  shutdown.add('gateway', { close: () => running.close().finally(() => warnings.close()) })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
