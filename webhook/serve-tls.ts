/** The webhook's TLS by its options, and the trust of the API server in it. */
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { KerbsideError } from '../src/core/errors.ts'
import type { KubernetesAccess } from '../src/io/kubernetes.ts'
import { underLease } from '../src/io/lease.ts'
import { serveFiles } from '../src/io/serving/files.ts'
import { serveOwn } from '../src/io/serving/own.ts'
import type { Serving, ServingCertificate } from '../src/io/serving/serving.ts'
import { authorityInDirectory } from '../src/io/tls/authorities/directory.ts'
import { authorityInSecret } from '../src/io/tls/authorities/secret.ts'
import { lastExpiry, trustedAuthorities } from '../src/io/tls/authority-rotation.ts'
import { keepTrust, type Trust } from './keep-trust.ts'
import type { WebhookMetrics } from './metrics.ts'
import type { WebhookOptions } from './options.ts'
import { rotateAuthority } from './rotate-authority.ts'

/** The right to take it names it. */
const LEASE = 'kerbside-authority'

export type TlsParts = {
  /** Absent where there is no cluster. */
  readonly cluster: KubernetesAccess | undefined
  /** Certificates in PEM that the operator named besides, which the API server may trust as well. */
  readonly beside: string
  readonly log: Logger
  readonly metrics: WebhookMetrics
  readonly use: (certificate: ServingCertificate) => void
}

export type WebhookTls = {
  readonly serving: Serving
  /** Why nobody can speak to us, or why the API server does not trust us yet; undefined when all is well. */
  problem(): string | undefined
  stop(): void
}

/** @throws KerbsideError `io-failed` or `secret-malformed` when there is no usable certificate to begin with */
export async function serveTls(options: WebhookOptions, parts: TlsParts): Promise<WebhookTls> {
  const { cluster, log, metrics } = parts
  const onProblem = (problem: string, hint: string | undefined) =>
    log.error({ problem, hint }, 'certificates are not renewed')
  let trust: Trust | undefined
  let expiresAt = 0
  const use = (certificate: ServingCertificate) => {
    expiresAt = certificate.expiresAt
    metrics.certificateExpires(expiresAt)
    parts.use(certificate)
  }
  const serving = await serve(options, { ...parts, use, trust: () => trust, onProblem })
  trust = keepTrust({
    cluster: options.publishesTrust ? cluster : undefined,
    authorities: () => serving.authorities().trusted,
    beside: parts.beside,
    log,
    metrics,
  })
  const tellExpiry = () => metrics.authorityExpires(lastExpiry(serving.authorities().trusted))
  tellExpiry()
  serving.onChange(() => {
    tellExpiry()
    trust.renew()
  })
  return {
    serving,
    problem: () => (expiresAt <= Date.now() ? 'the certificate has expired' : trust?.problem()),
    stop: () => {
      serving.stop()
      trust.stop()
    },
  }
}

type ServeParts = TlsParts & {
  readonly trust: () => Trust | undefined
  readonly onProblem: (problem: string, hint: string | undefined) => void
}

function serve({ tls, names }: WebhookOptions, { cluster, trust, log, ...also }: ServeParts): Promise<Serving> {
  if ('files' in tls) return serveFiles(tls.files, also)
  const { lives } = tls
  if ('directory' in tls) return serveOwn({ store: authorityInDirectory(tls.directory), names, lives, ...also })
  if (cluster === undefined) throw new KerbsideError('internal', 'a Secret is not to be had without a cluster')
  const store = authorityInSecret(cluster, { namespace: tls.namespace, name: tls.secret })
  const holder = randomUUID()
  const at = { namespace: tls.namespace, name: LEASE }
  return serveOwn({
    store,
    names,
    lives,
    rotate: (authority) =>
      rotateAuthority(authority, {
        store,
        lives,
        isTrusted: (wanted) => trust()?.published() === trustedAuthorities(wanted, Date.now()),
        alone: (work) => underLease(cluster, { at, holder, work }),
        log,
      }),
    ...also,
  })
}
