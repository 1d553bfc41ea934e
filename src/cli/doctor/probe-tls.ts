/** The certificate of each NameNode: who signed it, for which names, until when. Nothing is sent but a handshake. */
import type { X509Certificate } from 'node:crypto'
import { connect as connectPlain } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { duration } from '../../core/doctor/duration.ts'
import { failed, ok, type Said, whereOneIsEnough } from '../../core/doctor/finding.ts'
import { KerbsideError } from '../../core/errors.ts'
import { whyFailed } from '../../io/https-request.ts'
import { hostOf } from './connection.ts'
import type { Checked, Known } from './run-checks.ts'

/** Who renews certificates does it well before. */
const SOON_SHARE = 0.1
const WITHIN_MS = 5000

export const tlsProbe =
  (clock: () => number) =>
  async ({ policy: { cluster }, authority }: Known<'tls'>, signal: AbortSignal): Promise<Checked<'tls'>> => {
    const looks = await Promise.all(
      cluster.nameNodes.map(async (origin) => ({
        origin,
        said: await lookAt({ origin, ca: authority, signal, now: clock() }),
      })),
    )
    const good = looks.filter(({ said }) => said.state !== 'fail').map(({ origin }) => origin)
    const findings = whereOneIsEnough(looks.map(({ said }) => said))
    return { findings, ...(good.length === 0 ? {} : { value: good }) }
  }

export type Look = {
  readonly origin: string
  /** PEM; no other is trusted. */
  readonly ca: string
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Never throws. */
export async function lookAt({ origin, ca, signal, now }: Look): Promise<Said> {
  const url = new URL(origin)
  const start = performance.now()
  const timed = (said: Said): Said => ({ ...said, about: url.host, ms: performance.now() - start })
  const bound = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)])
  try {
    if (url.protocol === 'http:') return timed(await plain(url, bound))
    const socket = await handshake(url, ca, bound)
    const certificate = socket.getPeerX509Certificate()
    const problem = socket.authorized ? undefined : String(socket.authorizationError)
    socket.destroy()
    return timed(inWords({ host: hostOf(origin), problem, certificate, now }))
  } catch (thrown) {
    if (thrown instanceof KerbsideError) return timed(failed(thrown))
    const message = `no connection by TLS: ${whyFailed(thrown)}`
    return timed(failed(new KerbsideError('hdfs-unreachable', message)))
  }
}

type Shown = {
  readonly host: string
  /** Why it is not accepted: OpenSSL's or Node's code. */
  readonly problem: string | undefined
  readonly certificate: X509Certificate | undefined
  readonly now: number
}

const MISMATCH = 'ERR_TLS_CERT_ALTNAME_INVALID'

function inWords({ host, problem, certificate, now }: Shown): Said {
  if (certificate === undefined) return failed(new KerbsideError('hdfs-untrusted', 'it shows no certificate'))
  const ends = Date.parse(certificate.validTo)
  const issuer = `\`${lastName(certificate.issuer)}\``
  if (problem === MISMATCH) {
    const names = certificate.subjectAltName?.replaceAll('DNS:', '').replaceAll('IP Address:', '') ?? 'none'
    const says = `its certificate is for ${names}, not for \`${host}\``
    const advice =
      'name the NameNode in the HadoopCluster as its certificate does; that name must be in its HTTP principal too'
    return { state: 'fail', says, advice, code: 'hdfs-untrusted' }
  }
  if (ends <= now) {
    const says = `its certificate expired ${duration(now - ends)} ago`
    return { state: 'fail', says, advice: 'renew it on the NameNode, and see what should have', code: 'hdfs-untrusted' }
  }
  if (problem !== undefined) {
    const says = `its certificate is by ${issuer}, not by a CA in \`ca.pem\` (${problem})`
    const advice = 'put the CA that signed it into the `ca.pem` of the cluster, after having made sure of it'
    return { state: 'fail', says, advice, code: 'hdfs-untrusted' }
  }
  const says = `certificate by ${issuer}, for ${duration(ends - now)}`
  if (ends - now > (ends - Date.parse(certificate.validFrom)) * SOON_SHARE) return ok(says)
  return { state: 'warn', says, advice: 'renew it before it ends: then nothing of this cluster works through it' }
}

const lastName = (names: string): string => names.split('\n').at(-1)?.replace(/^\w+=/, '') ?? ''

async function plain({ hostname, port }: URL, signal: AbortSignal): Promise<Said> {
  const socket = connectPlain({ host: hostname, port: Number(port === '' ? 80 : port) })
  await settled(socket, 'connect', signal).finally(() => socket.destroy())
  const advice =
    'the delegation token is in the clear on the network: dfs.http.policy HTTPS_ONLY, and https in the HadoopCluster'
  return { state: 'warn', says: 'plain HTTP, as policy lets it', advice }
}

async function handshake(url: URL, ca: string, signal: AbortSignal): Promise<TLSSocket> {
  const host = hostOf(url.origin)
  const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host }
  const socket = connect({
    host,
    port: Number(url.port === '' ? 443 : url.port),
    ca,
    rejectUnauthorized: false,
    ...servername,
  })
  await settled(socket, 'secureConnect', signal)
  return socket
}

/** Resolves at the event; destroys the socket and rejects when it fails or the signal aborts. */
function settled(
  socket: TLSSocket | ReturnType<typeof connectPlain>,
  event: string,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => socket.destroy(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once(event, resolve)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed')))
  })
}
