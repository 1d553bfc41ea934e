/** `kerbside broker`: knows sidecars by their service-account token, and hands out each one's policy slice. */
import { hostname } from 'node:os'
import { pino } from 'pino'
import type { Release } from '../core/audit/record.ts'
import { KerbsideError } from '../core/errors.ts'
import { readInjection } from '../core/identity/read-injection.ts'
import type { Bundle } from '../core/policy/bundle.ts'
import { IN_SHADOW } from '../core/policy/slice.ts'
import { readInjectionFile } from '../io/injection-file.ts'
import { watchPolicy } from '../io/policy/source.ts'
import { currentInjection } from '../io/serving/current-injection.ts'
import { serveFiles } from '../io/serving/files.ts'
import { serveOwn } from '../io/serving/own.ts'
import type { Serving, ServingOptions } from '../io/serving/serving.ts'
import { authorityInDirectory } from '../io/tls/authorities/directory.ts'
import { apiServer } from './api-server.ts'
import { knownWriters } from './audit/known-writers.ts'
import { openBrokerAudit } from './audit/open.ts'
import type { Caller, RecogniseCaller } from './caller.ts'
import type { RecogniseClaims } from './claims.ts'
import { callersByKeysFile, claimsByKeysFile } from './keys-file.ts'
import { brokerMetrics } from './metrics.ts'
import type { BrokerOptions } from './options.ts'
import { readOptions } from './options.ts'
import type { PodEvents } from './pod-events.ts'
import { podEvents } from './pod-events.ts'
import type { DeskParts } from './secret-desk.ts'
import { secretDesk } from './secret-desk.ts'
import { secretFlights } from './secret-flights.ts'
import { brokerServer } from './server.ts'
import { sliceStreams } from './slice-streams.ts'
import { callersByTokenReview, claimsByTokenReview } from './token-review.ts'

export async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  if (options === undefined) return
  const log = pino({ name: 'broker' })
  let bundle: Bundle | undefined
  let isDraining = false

  const metrics = brokerMetrics(() => streams.count())
  const streams = sliceStreams(Date.now, {
    sent: metrics.sliceSent,
    revoked({ namespace, pod, identity }) {
      metrics.streamRevoked()
      log.warn({ namespace, pod, identity }, 'policy no longer allows this sidecar its identity')
    },
  })
  const { recognise, writers, events } = await callersFor(options, {
    authorities: () => serving.authorities(),
    bundle: () => bundle,
  })
  if (options.callers.by === 'keys-file') {
    log.warn('callers are known by public keys alone: a deleted pod is served until its token expires')
  }

  const onRecords = (count: number, newest: number) => metrics.recordsTaken(count, (Date.now() - newest) / 1000)
  const audit =
    options.audit === undefined
      ? undefined
      : await openBrokerAudit(
          { ...options.audit, name: options.audit.name ?? hostname() },
          { clock: Date.now, log, onRecords },
        )

  const record = audit && ((caller: Caller, releases: readonly Release[]) => audit.released(caller, releases, bundle))
  const secrets = await secretsFor(options, { bundle: () => bundle, log, onRead: metrics.secretAsked, record })

  let server: ReturnType<typeof brokerServer> | undefined
  const serving = await serve(options, {
    use(certificate) {
      metrics.certificateExpires(certificate.expiresAt)
      const { certificatePem: cert, keyPem: key } = certificate
      server?.server.setSecureContext({ cert, key, minVersion: 'TLSv1.3' })
      server ??= brokerServer({
        log,
        metrics,
        certificate,
        recognise,
        streams,
        secrets: secrets?.desk,
        events,
        notReady,
        onRefused: audit?.refused,
        audit: audit && {
          intake: audit.intake,
          writers,
          webhook: options.audit?.webhook ?? '',
          log,
          onBatch: metrics.batch,
          onRefused: audit.refusedBatch,
        },
      })
    },
    onProblem: (problem, hint) => log.error({ problem, hint }, 'certificates are not renewed'),
  })
  const stopWatching = watchPolicy(options.policies, {
    taken(fresh, edition) {
      bundle = fresh
      streams.update(fresh)
      metrics.policyTaken(edition?.sequence)
      const sequence = edition === undefined ? {} : { sequence: edition.sequence }
      const counts = { identities: fresh.identities.size, streams: streams.count() }
      log.info({ bundle: fresh.hash, ...sequence, ...counts }, 'policy in force')
      metrics.policyMode(fresh.mode)
      audit?.policy(fresh.hash, `in force${edition === undefined ? '' : `, sequence ${edition.sequence}`}`)
      if (fresh.mode === 'shadow') log.warn({ bundle: fresh.hash }, IN_SHADOW)
      const waiting = [...fresh.identities.values()].filter(({ secretsThrough }) => secretsThrough === 'broker')
      if (secrets === undefined && waiting.length > 0) {
        const identities = waiting.map(({ name }) => name).slice(0, 20)
        log.error(
          { identities },
          'identities wait for secrets through a broker that has no secret store: give --secrets',
        )
      }
    },
    refused(code, problems) {
      metrics.policyRefused(code)
      audit?.policy(bundle?.hash ?? '', `another one was refused: ${code}`)
      const standing = bundle === undefined ? 'no usable policy' : 'policy refused: the one before stays in force'
      log.error({ code, problems }, standing)
    },
  })

  function notReady(): string | undefined {
    if (isDraining) return 'draining'
    return bundle === undefined ? 'no policy is loaded' : undefined
  }

  await listen(server, options)
  log.info({ addresses: server?.addresses(), names: options.names }, 'listening')

  /** Not ready, but serving, until load balancers have noticed; then every sidecar is sent elsewhere. */
  const drain = async () => {
    if (isDraining) return
    isDraining = true
    log.info({ seconds: options.drainSeconds }, 'draining')
    await new Promise((resolve) => setTimeout(resolve, options.drainSeconds * 1000))
    stopWatching()
    serving.stop()
    streams.end()
    await server?.close()
    await secrets?.close()
    await audit?.close()
    log.info('stopped')
  }
  process.on('SIGTERM', drain)
  process.on('SIGINT', drain)
}

/** Follows what the webhook decides of the authority, and never replaces it. */
async function serve({ tls, names, kubeconfig }: BrokerOptions, also: ServingOptions): Promise<Serving> {
  if ('files' in tls) return serveFiles(tls.files, also)
  if ('directory' in tls)
    return serveOwn({ store: authorityInDirectory(tls.directory), names, lives: tls.lives, ...also })
  const { authorityInSecret } = await import('../io/tls/authorities/secret.ts')
  const at = { namespace: tls.namespace, name: tls.secret }
  return serveOwn({ store: authorityInSecret(await cluster(kubeconfig), at), names, lives: tls.lives, ...also })
}

async function cluster(kubeconfig: string | undefined) {
  const { kubernetesConfig } = await import('../io/kubernetes.ts')
  return kubernetesConfig(kubeconfig, process.env)
}

async function callersFor(
  { callers, kubeconfig }: BrokerOptions,
  { authorities, bundle }: { authorities: Serving['authorities']; bundle: () => Bundle | undefined },
): Promise<{ readonly recognise: RecogniseCaller; readonly writers: RecogniseClaims; readonly events?: PodEvents }> {
  const clock = Date.now
  if (callers.by === 'keys-file') {
    const asked = { ...callers, clock }
    return { recognise: await callersByKeysFile(asked), writers: await claimsByKeysFile(asked) }
  }
  const { injection: file, overrides } = callers
  const injected = file === undefined ? readInjection(overrides, 'the flags') : await readInjectionFile(file, overrides)
  const injection = currentInjection(injected, authorities)
  const api = apiServer(await cluster(kubeconfig))
  const writers = knownWriters(claimsByTokenReview({ api, clock }), clock)
  return {
    recognise: callersByTokenReview({ api, bundle, injection, clock }),
    writers,
    events: podEvents({ api, clock }),
  }
}

async function secretsFor({ secretsFile, kubeconfig }: BrokerOptions, parts: Omit<DeskParts, 'flights'>) {
  if (secretsFile === undefined) return undefined
  const { openSecretsStore } = await import('./secrets-store.ts')
  const store = await openSecretsStore(secretsFile, () => cluster(kubeconfig))
  const flights = secretFlights(store)
  const close = () => {
    flights.close()
    return store.close()
  }
  return { desk: secretDesk({ ...parts, flights }), close }
}

async function listen(server: ReturnType<typeof brokerServer> | undefined, { listen, port }: BrokerOptions) {
  try {
    await server?.listen({ host: listen, port })
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
    if (isTaken) throw new KerbsideError('port-taken', `\`${listen}:${port}\` is taken`, { cause, hint: 'give --port' })
    throw new KerbsideError('io-failed', `cannot listen on \`${listen}:${port}\``, { cause })
  }
}
