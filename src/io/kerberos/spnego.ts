/**
 * One HTTPS request with SPNEGO and mutual authentication. The server's answer counts only after the server has proved, with
 * the session key, that it is the service that was asked for (RFC 4559, RFC 4178).
 */
import type { Agent } from 'node:https'
import kerberos from 'kerberos'
import { KerbsideError } from '../../core/errors.ts'
import { kerberosError } from '../../core/kerberos/kinit-errors.ts'
import { type HttpsAnswer, httpsRequest, isUntrusted, whyFailed } from '../https-request.ts'

export type SpnegoRequest = {
  readonly url: URL
  readonly method: 'GET' | 'PUT'
  readonly ca: string
  /** Who we are: the credential cache must be theirs. */
  readonly principal: string
  /** For whoever asks more than once. */
  readonly agent?: Agent
}

const TIMEOUT_MS = 10_000

/** Header Fields Too Large (RFC 6585); Jetty before 9.3 says Entity Too Large. */
const TOO_LARGE = new Set([413, 431])
/** Characters. Hadoop takes 64 KiB of all headers together, unless its configuration says less. */
const LARGE_TOKEN = 8 << 10

/** Never GSS_C_DELEG_FLAG: it would hand our ticket-granting ticket to the server (and leak memory in the addon). */
const FLAGS = kerberos.GSS_C_MUTUAL_FLAG | kerberos.GSS_C_SEQUENCE_FLAG

/**
 * The answer, whatever its status, of a server that proved itself. A server that did not gets no second try.
 * @throws KerbsideError `hdfs-unreachable`, `hdfs-untrusted`, or why Kerberos failed
 */
export async function spnegoRequest({ principal, ...asked }: SpnegoRequest): Promise<HttpsAnswer> {
  const { url } = asked
  const service = `HTTP@${url.hostname}`
  const noTicket = (error: Error) => {
    throw kerberosError(`SPNEGO with \`${service}\``, error.message)
  }
  // The addon reads `flags`; its types say `gssFlag`, which it ignores.
  const options = { principal, mechOID: kerberos.GSS_MECH_OID_SPNEGO, flags: FLAGS, gssFlag: FLAGS }
  const client = await kerberos.initializeClient(service, options).catch(noTicket)
  const token = await client.step('').catch(noTicket)
  const answer = await send(asked, token).catch((error: unknown) => {
    // A server that has read too much closes, and may be gone before its answer is read.
    if (token.length > LARGE_TOKEN && isCutOff(error)) throw tooLarge(service, token, 'connection broken')
    throw error
  })
  if (TOO_LARGE.has(answer.status)) throw tooLarge(service, token, `HTTP ${answer.status}`)
  const reply = negotiateReply(answer.headers['www-authenticate'])
  if (reply === undefined && answer.status === 401) {
    throw new KerbsideError('kerberos-failed', `\`${service}\` does not accept our Kerberos ticket (HTTP 401)`)
  }
  // A wrong proof fails here; no proof leaves the context incomplete.
  if (reply !== undefined) await client.step(reply).catch(() => undefined)
  if (!client.contextComplete) {
    throw new KerbsideError('hdfs-untrusted', `\`${service}\` did not prove who it is (HTTP ${answer.status})`)
  }
  return answer
}

const isCutOff = (error: unknown) => error instanceof KerbsideError && error.code === 'hdfs-unreachable'

function tooLarge(service: string, token: string, what: string): KerbsideError {
  const size = `${Math.ceil(token.length / 1024)} KiB`
  const hint =
    'raise `hadoop.http.max.request.header.size` of the NameNodes, or take the principal out of groups: Active Directory writes each of them into its tickets'
  return new KerbsideError('kerberos-failed', `\`${service}\` takes no ticket as large as ours, ${size} (${what})`, {
    hint,
  })
}

async function send(asked: Omit<SpnegoRequest, 'principal'>, token: string): Promise<HttpsAnswer> {
  try {
    return await httpsRequest({
      ...asked,
      // Only where the policy lets a NameNode be: a slice with another one is not read.
      mayBePlain: true,
      headers: { authorization: `Negotiate ${token}`, 'user-agent': 'kerbside', 'x-xsrf-header': 'kerbside' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch (error) {
    const code = isUntrusted(error) ? 'hdfs-untrusted' : 'hdfs-unreachable'
    const hint = isUntrusted(error) ? { hint: 'the `ca.pem` of the cluster must hold the CA that signed it' } : {}
    throw new KerbsideError(code, `\`${asked.url.host}\`: ${whyFailed(error)}`, { ...hint, cause: error })
  }
}

/** The token after `Negotiate`; the scheme's name is in any letter case, and other schemes may stand beside it. */
function negotiateReply(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header.join(', ') : (header ?? '')
  return /(?:^|,)\s*negotiate\s+([A-Za-z0-9+/]+=*)\s*(?:,|$)/i.exec(text)?.[1]
}
