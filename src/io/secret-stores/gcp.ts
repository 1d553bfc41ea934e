/**
 * Secrets in Google Secret Manager, one for each key. Logged in to by workload identity federation: the projected
 * service-account token is exchanged for an access token, maybe for that of a service account of Google.
 */
import { KerbsideError } from '../../core/errors.ts'
import type { HttpsAnswer } from '../https-request.ts'
import type { Secret, SecretRef, SecretStore } from '../secret-store.ts'
import { sayingIfEnded, serviceAccountToken } from '../service-account-token.ts'
import { field, jsonOrNothing } from './answer.ts'
import { endedBy } from './ended-by.ts'
import { flatName } from './flat-name.ts'
import { refText } from './ref.ts'
import { fetchRefused, loginRefused } from './refusals.ts'
import { type Ending, SharedLogin } from './shared-login.ts'
import { bytesOf } from './value.ts'
import { WayOut } from './way-out.ts'

export type GcpSettings = {
  readonly project: string
  /** Full name of the provider: `//iam.googleapis.com/projects/…/providers/…`. */
  readonly provider: string
  /** Address of the service account to become; absent where the federated identity itself may read. */
  readonly serviceAccount?: string | undefined
  /** Of Secret Manager, the Security Token Service and IAM Credentials, where they are not Google's own. */
  readonly url?: string | undefined
  readonly exchangeUrl?: string | undefined
  readonly impersonationUrl?: string | undefined
  readonly ca: string
  readonly tokenFile: string
}

const LONGEST_NAME = 255
/** The SDK takes a token for ended that much earlier. */
const EARLY_MS = 5 * 60_000

type Login = Ending & { request(url: string): Promise<unknown> }

export function gcpStore(settings: GcpSettings): SecretStore {
  const {
    project,
    url = 'https://secretmanager.googleapis.com',
    exchangeUrl = 'https://sts.googleapis.com',
    impersonationUrl = 'https://iamcredentials.googleapis.com',
    ca,
  } = settings
  const wayOut = new WayOut({ origins: [url, exchangeUrl, impersonationUrl], ca })
  const open = () => openClient({ ...settings, exchangeUrl, impersonationUrl }, wayOut)
  const logins = new SharedLogin((signal) =>
    sayingIfEnded(settings.tokenFile, () => wayOut.run(signal, open, loginRefused)),
  )

  return {
    fetch(ref, signal) {
      return endedBy(signal, async () => {
        const name = `projects/${project}/secrets/${flatName(ref, LONGEST_NAME)}`
        const latest = `${url.replace(/\/+$/, '')}/v1/${name}/versions/latest:access`
        const { request } = await logins.get(signal)
        const answer = await wayOut.run(
          signal,
          () => request(latest),
          (refusal) => accessRefused(refusal, ref),
        )
        return secretFrom(answer, ref)
      })
    },
    /** An access token cannot be given back; it ends by itself within the hour. */
    close: () => logins.forget(),
  }
}

async function openClient(
  { provider, serviceAccount, exchangeUrl, impersonationUrl, tokenFile }: GcpSettings,
  wayOut: WayOut,
): Promise<Login> {
  const { IdentityPoolClient, gaxios } = await import('google-auth-library')
  const transporter = new gaxios.Gaxios()
  const request = transporter.request.bind(transporter)
  // Whoever asked for the secret tries again, and waits longer each time.
  const once = { retry: false, retryConfig: { retry: 0 }, fetchImplementation: fetchBy(wayOut) }
  transporter.request = (options) => request({ ...options, ...once })
  const account = `${impersonationUrl}/v1/projects/-/serviceAccounts/${serviceAccount}:generateAccessToken`
  const client = new IdentityPoolClient({
    type: 'external_account',
    audience: provider,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: `${exchangeUrl}/v1/token`,
    ...(serviceAccount === undefined ? {} : { service_account_impersonation_url: account }),
    subject_token_supplier: { getSubjectToken: () => wayOut.noting(serviceAccountToken(tokenFile)) },
    transporter,
    // They would write tokens to a log.
    useAuthRequestParameters: false,
  })
  // The one part to which the SDK does not hand its transporter on.
  client['stsCredential']['transporter'] = transporter
  const { token } = await client.getAccessToken()
  if (typeof token !== 'string') throw new KerbsideError('secret-malformed', 'the login was answered without a token')
  const endsAt = (client.credentials.expiry_date ?? Number.POSITIVE_INFINITY) - EARLY_MS
  return { endsAt, request: async (url) => (await client.request({ url, responseType: 'json' })).data }
}

/** `fetch` as the SDK wants it, by {@link WayOut}. */
function fetchBy(wayOut: WayOut): typeof fetch {
  return async (input, init = {}) => {
    const headers = new Headers(init.headers)
    const isForm = init.body instanceof URLSearchParams
    if (isForm) headers.set('content-type', 'application/x-www-form-urlencoded')
    const { status, body } = await wayOut.request({
      url: new URL(String(input)),
      method: init.method === 'POST' ? 'POST' : 'GET',
      headers: Object.fromEntries(headers),
      ...(isForm || typeof init.body === 'string' ? { body: String(init.body) } : {}),
    })
    return new Response([204, 205, 304].includes(status) ? null : Uint8Array.from(body), { status })
  }
}

function secretFrom(answer: unknown, ref: SecretRef): Secret {
  const data = field(answer, 'payload', 'data')
  const name = field(answer, 'name')
  const version = typeof name === 'string' ? /\/versions\/(\d{1,18})$/.exec(name)?.[1] : undefined
  const bytes = Buffer.from(String(data), 'base64')
  if (version === undefined || bytes.toString('base64') !== data) {
    throw new KerbsideError('secret-malformed', `${refText(ref)}: what was answered is no version of a secret`)
  }
  return { bytes: bytesOf(Uint8Array.from(bytes), ref), version }
}

function accessRefused(answer: HttpsAnswer, ref: SecretRef): KerbsideError {
  // So it says that the newest version was disabled or destroyed.
  const isGone = field(jsonOrNothing(answer), 'error', 'status') === 'FAILED_PRECONDITION'
  return isGone ? fetchRefused(answer, ref, 'secret-not-found') : fetchRefused(answer, ref)
}
