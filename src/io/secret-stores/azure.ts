/**
 * Secrets in Azure Key Vault, one for each key. Logged in to by workload identity: the projected service-account token is
 * the assertion of an application, for which Entra gives an access token.
 */
import type { HttpClient } from '@azure/core-rest-pipeline'
import { KerbsideError } from '../../core/errors.ts'
import type { Secret, SecretRef, SecretStore } from '../secret-store.ts'
import { sayingIfEnded, serviceAccountToken } from '../service-account-token.ts'
import { endedBy } from './ended-by.ts'
import { flatName } from './flat-name.ts'
import { refText } from './ref.ts'
import { fetchRefused, loginRefused } from './refusals.ts'
import { type Ending, SharedLogin } from './shared-login.ts'
import { bytesOfText } from './value.ts'
import { WayOut } from './way-out.ts'

export type AzureSettings = {
  /** `https://NAME.vault.azure.net`. */
  readonly url: string
  readonly tenant: string
  readonly clientId: string
  /** Of Entra; absent for that of the public cloud. */
  readonly loginUrl?: string | undefined
  readonly ca: string
  readonly tokenFile: string
}

const LONGEST_NAME = 127
/** An access token is not used up to its last moment. */
const EARLY_MS = 60_000

type Login = Ending & { readonly token: string }

export function azureStore(settings: AzureSettings): SecretStore {
  const { url, loginUrl = 'https://login.microsoftonline.com', ca } = settings
  const wayOut = new WayOut({ origins: [url, loginUrl], ca })
  const logIn = () => accessToken({ ...settings, loginUrl }, wayOut)
  const logins = new SharedLogin((signal) =>
    sayingIfEnded(settings.tokenFile, () => wayOut.run(signal, logIn, loginRefused)),
  )

  return {
    fetch(ref, signal) {
      return endedBy(signal, async () => {
        const name = flatName(ref, LONGEST_NAME)
        const login = await logins.get(signal)
        return wayOut.run(
          signal,
          () => read(settings, wayOut, { name, login, ref }),
          (answer) => fetchRefused(answer, ref),
        )
      })
    },
    /** An access token cannot be given back; it ends by itself. */
    close: () => logins.forget(),
  }
}

/** Key Vault's own part of the name of its host is what tokens are for: `https://vault.azure.net`. */
const scopeOf = (url: string) => `https://${new URL(url).hostname.replace(/^[^.]+\./, '')}/.default`

async function accessToken(
  { url, tenant, clientId, loginUrl, tokenFile }: AzureSettings,
  wayOut: WayOut,
): Promise<Login> {
  const { ClientAssertionCredential } = await import('@azure/identity')
  // Unlike the credential that is named after workload identity, this one reads the file anew.
  const assertion = () => wayOut.noting(serviceAccountToken(tokenFile))
  const credential = new ClientAssertionCredential(tenant, clientId, assertion, {
    ...(await pipeline(wayOut)),
    ...(loginUrl === undefined ? {} : { authorityHost: loginUrl }),
    // It would ask Microsoft whether the host is one of its own.
    disableInstanceDiscovery: true,
  })
  const { token, expiresOnTimestamp } = await credential.getToken(scopeOf(url))
  return { token, endsAt: expiresOnTimestamp - EARLY_MS }
}

type Reading = { readonly name: string; readonly login: Login; readonly ref: SecretRef }

async function read({ url }: AzureSettings, wayOut: WayOut, { name, login, ref }: Reading): Promise<Secret> {
  const { SecretClient } = await import('@azure/keyvault-secrets')
  const credential = {
    // The vault says what for it wants a token; ours is for nothing else.
    async getToken(scopes: string | string[]) {
      if (![scopes].flat().includes(scopeOf(url))) return null
      return { token: login.token, expiresOnTimestamp: login.endsAt }
    },
  }
  const { value, properties } = await new SecretClient(url, credential, await pipeline(wayOut)).getSecret(name)
  if (typeof value === 'string' && properties.version !== undefined) {
    return { bytes: bytesOfText(value, ref), version: properties.version }
  }
  throw new KerbsideError('secret-malformed', `${refText(ref)}: what was answered is no version of a secret`)
}

/** Every request goes by {@link WayOut}, once: whoever asked for the secret tries again, and waits longer each time. */
async function pipeline(wayOut: WayOut) {
  const { createHttpHeaders } = await import('@azure/core-rest-pipeline')
  const httpClient: HttpClient = {
    async sendRequest(request) {
      // Ours does not unpack what is compressed.
      const { 'accept-encoding': _, ...headers } = request.headers.toJSON()
      const { status, ...answer } = await wayOut.request({
        url: new URL(request.url),
        method: request.method === 'POST' ? 'POST' : 'GET',
        headers,
        ...(typeof request.body === 'string' ? { body: request.body } : {}),
      })
      const told = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
      const bodyAsText = answer.body.toString('utf8')
      return { request, status, headers: createHttpHeaders(Object.fromEntries(told)), bodyAsText }
    },
  }
  return { httpClient, retryOptions: { maxRetries: 0 }, redirectOptions: { maxRetries: 0 } }
}
