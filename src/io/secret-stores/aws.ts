/**
 * Secrets in AWS Secrets Manager, one for each key. Logged in to with the projected service-account token: by web identity
 * (STS AssumeRoleWithWebIdentity), or by the agent of Pod Identity.
 */
import { type ErrorCode, KerbsideError } from '../../core/errors.ts'
import type { HttpsAnswer } from '../https-request.ts'
import type { Secret, SecretRef, SecretStore } from '../secret-store.ts'
import { sayingIfEnded, serviceAccountToken } from '../service-account-token.ts'
import { field, json, jsonOrNothing } from './answer.ts'
import { endedBy } from './ended-by.ts'
import { refText, segmentsOf } from './ref.ts'
import { type Ending, SharedLogin } from './shared-login.ts'
import { bytesOf, bytesOfText } from './value.ts'
import { WayOut } from './way-out.ts'

export type AwsSettings = {
  readonly region: string
  readonly auth: 'web-identity' | 'pod-identity'
  /** ARN of the role to become by web identity; the agent of Pod Identity knows it itself. */
  readonly role: string
  readonly url?: string | undefined
  /** Of STS or of the agent, where it is not their own. */
  readonly loginUrl?: string | undefined
  readonly ca: string
  readonly tokenFile: string
}

type Login = Ending & { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken: string }

/** The shortest that STS gives: a login is for a few requests. */
const SESSION_SECONDS = 900
/** Credentials are not used up to their last moment. */
const EARLY_MS = 60_000
const AGENT_URL = 'http://169.254.170.23/v1/credentials'

export function awsStore(settings: AwsSettings): SecretStore {
  const domain = settings.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const url = settings.url ?? `https://secretsmanager.${settings.region}.${domain}`
  const ownLogin = settings.auth === 'pod-identity' ? AGENT_URL : `https://sts.${settings.region}.${domain}`
  const loginUrl = settings.loginUrl ?? ownLogin
  const wayOut = new WayOut({ origins: [url, loginUrl], ca: settings.ca })
  const logIn = settings.auth === 'pod-identity' ? askAgent : assumeRole
  const logins = new SharedLogin((signal) =>
    sayingIfEnded(settings.tokenFile, () =>
      wayOut.run(signal, () => logIn({ ...settings, loginUrl }, wayOut), loginRefused),
    ),
  )

  return {
    fetch(ref, signal) {
      return endedBy(signal, async () => {
        const name = segmentsOf(ref).join('/')
        const login = await logins.get(signal)
        return wayOut.run(
          signal,
          () => read({ ...settings, url }, wayOut, { name, login, ref }),
          (answer) => fetchRefused(answer, ref),
        )
      })
    },
    /** Credentials of a session cannot be given back; they end by themselves. */
    close: () => logins.forget(),
  }
}

type LoginSettings = AwsSettings & { readonly loginUrl: string }

async function assumeRole({ region, role, loginUrl, tokenFile }: LoginSettings, wayOut: WayOut): Promise<Login> {
  const { STSClient, AssumeRoleWithWebIdentityCommand } = await import('@aws-sdk/client-sts')
  const client = new STSClient({ ...options(wayOut), region, endpoint: loginUrl, credentials: NOBODY })
  const { Credentials: given } = await client.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: role,
      RoleSessionName: 'kerbside',
      WebIdentityToken: await wayOut.noting(serviceAccountToken(tokenFile)),
      DurationSeconds: SESSION_SECONDS,
    }),
  )
  return loginFrom([given?.AccessKeyId, given?.SecretAccessKey, given?.SessionToken], given?.Expiration?.getTime())
}
/** This one request is not signed: the token is what proves us. */
const NOBODY = { accessKeyId: '', secretAccessKey: '' }

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
async function askAgent({ loginUrl, tokenFile }: LoginSettings, wayOut: WayOut): Promise<Login> {
  const authorization = await serviceAccountToken(tokenFile)
  const answer = await wayOut.request({ url: new URL(loginUrl), method: 'GET', headers: { authorization } })
  if (answer.status !== 200) throw loginRefused(answer, new URL(loginUrl))
  const said = json(answer)
  const parts = ['AccessKeyId', 'SecretAccessKey', 'Token'].map((name) => field(said, name))
  return loginFrom(parts, Date.parse(String(field(said, 'Expiration'))))
}

function loginFrom([accessKeyId, secretAccessKey, sessionToken]: readonly unknown[], endsAt = Number.NaN): Login {
  const isText = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
  if (isText(accessKeyId) && isText(secretAccessKey) && isText(sessionToken) && !Number.isNaN(endsAt)) {
    return { accessKeyId, secretAccessKey, sessionToken, endsAt: endsAt - EARLY_MS }
  }
  throw new KerbsideError('secret-malformed', 'the login was answered without credentials')
}

type Reading = { readonly name: string; readonly login: Login; readonly ref: SecretRef }

async function read(
  { region, url }: Pick<AwsSettings, 'region' | 'url'> & { readonly url: string },
  wayOut: WayOut,
  { name, login, ref }: Reading,
): Promise<Secret> {
  const { SecretsManagerClient, GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager')
  const client = new SecretsManagerClient({ ...options(wayOut), region, endpoint: url, credentials: login })
  const {
    SecretBinary,
    SecretString,
    VersionId: version,
  } = await client.send(new GetSecretValueCommand({ SecretId: name }))
  if (version !== undefined && SecretBinary !== undefined) {
    return { bytes: bytesOf(Uint8Array.from(SecretBinary), ref), version }
  }
  if (version !== undefined && SecretString !== undefined) return { bytes: bytesOfText(SecretString, ref), version }
  throw new KerbsideError('secret-malformed', `${refText(ref)}: what was answered is no version of a secret`)
}

type SdkRequest = {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Every request goes by {@link WayOut}, once: whoever asked for the secret tries again, and waits longer each time. */
function options(wayOut: WayOut) {
  const requestHandler = {
    async handle(request: SdkRequest) {
      const port = request.port === undefined ? '' : `:${request.port}`
      const { status, headers, body } = await wayOut.request({
        url: new URL(`${request.protocol}//${request.hostname}${port}${request.path}`),
        method: request.method === 'POST' ? 'POST' : 'GET',
        headers: request.headers,
        body: request.body instanceof Uint8Array ? new TextDecoder().decode(request.body) : String(request.body ?? ''),
      })
      const told = Object.entries(headers).map(([name, value]) => [name, String(value)])
      return { response: { statusCode: status, headers: Object.fromEntries(told), body: Uint8Array.from(body) } }
    },
  }
  // Said here, so that neither a file nor a variable nor the metadata of a machine is asked for it.
  return { requestHandler, maxAttempts: 1, retryMode: 'standard', defaultsMode: 'standard' } as const
}

function loginRefused(answer: HttpsAnswer, url: URL): KerbsideError {
  const said = codeIn(answer)
  const isRefusal = [400, 401, 403, 404].includes(answer.status) && !/^(IDPCommunicationError|Throttling)/.test(said)
  const code = isRefusal ? 'secret-unauthenticated' : 'secret-unavailable'
  return new KerbsideError(code, `${url.host}: HTTP ${answer.status} ${said}`.trim())
}

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html; most of them are HTTP 400. */
const CODES = new Map<string, ErrorCode>([
  ['ResourceNotFoundException', 'secret-not-found'],
  // Said of a secret that is to be deleted.
  ['InvalidRequestException', 'secret-not-found'],
  ['AccessDeniedException', 'secret-forbidden'],
  ['AccessDenied', 'secret-forbidden'],
  ['DecryptionFailure', 'secret-forbidden'],
  ['UnrecognizedClientException', 'secret-unauthenticated'],
  ['InvalidClientTokenId', 'secret-unauthenticated'],
  ['InvalidSignatureException', 'secret-unauthenticated'],
  ['SignatureDoesNotMatch', 'secret-unauthenticated'],
  ['ExpiredTokenException', 'secret-unauthenticated'],
])

function fetchRefused(answer: HttpsAnswer, ref: SecretRef): KerbsideError {
  const said = codeIn(answer)
  const code = CODES.get(said) ?? 'secret-unavailable'
  return new KerbsideError(code, `${refText(ref)}: HTTP ${answer.status} ${said}`.trim())
}

/** The name of the error, in JSON or XML. Its sentence is not told: it names accounts and sessions. */
function codeIn(answer: HttpsAnswer): string {
  const type = field(jsonOrNothing(answer), '__type') ?? field(jsonOrNothing(answer), 'code')
  const text = typeof type === 'string' ? type : (/<Code>([^<]*)<\/Code>/.exec(answer.body.toString('utf8'))?.[1] ?? '')
  const name = text.replace(/^.*#/, '')
  return /^[A-Za-z]{1,60}$/.test(name) ? name : ''
}
