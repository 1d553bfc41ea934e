/**
 * The one way out that the SDK of a cloud is given: our own HTTPS request, to the origins that are named and nowhere else,
 * ended by the signal of the caller. No redirect is followed, no proxy and no variable of the environment is asked.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { rootCertificates } from 'node:tls'
import { KerbsideError } from '../../core/errors.ts'
import { type HttpsAnswer, type HttpsRequest, httpsRequest, isUntrusted, whyFailed } from '../https-request.ts'
import { endedBy } from './ended-by.ts'

export type Outward = Pick<HttpsRequest, 'url' | 'method' | 'body'> & {
  readonly headers: Readonly<Record<string, string>>
}

/** What a piece of work has come to: SDKs wrap errors in many ways, so that it is noted where it happens. */
type Work = { readonly signal: AbortSignal; failure?: KerbsideError; last?: { answer: HttpsAnswer; url: URL } }

export type WayOutSettings = {
  readonly origins: readonly string[]
  /** Trusted beside the authorities that Node brings along: the certificates of clouds are public. */
  readonly ca: string
}

export class WayOut {
  readonly #origins: ReadonlySet<string>
  readonly #ca: string
  readonly #work = new AsyncLocalStorage<Work>()

  constructor({ origins, ca }: WayOutSettings) {
    this.#origins = new Set(origins.map((origin) => new URL(origin).origin))
    this.#ca = [ca, ...rootCertificates].join('\n')
  }

  /**
   * What an SDK makes of it; all that it asks for goes by {@link request}.
   * @throws KerbsideError `secret-…`: of `refused` when the last answer was no success, never what the SDK itself threw,
   *   which holds requests with their tokens
   */
  async run<T>(
    signal: AbortSignal,
    work: () => Promise<T>,
    refused: (answer: HttpsAnswer, url: URL) => KerbsideError,
  ): Promise<T> {
    const noted: Work = { signal }
    try {
      return await endedBy(signal, () => this.#work.run(noted, work))
    } catch (error) {
      if (error instanceof KerbsideError) throw error
      if (noted.failure !== undefined) throw noted.failure
      const { answer, url } = noted.last ?? {}
      if (answer !== undefined && url !== undefined && answer.status >= 300) throw refused(answer, url)
      throw new KerbsideError('secret-malformed', `${url?.origin ?? 'the SDK'}: what was answered is not understood`)
    }
  }

  /** One request for an SDK. Rejects when there is no whole answer. */
  async request({ url, method, headers, body }: Outward): Promise<HttpsAnswer> {
    const work = this.#work.getStore()
    if (work === undefined)
      throw new KerbsideError('internal', 'the SDK of a secret store asked for something by itself')
    try {
      if (!this.#origins.has(url.origin)) {
        throw new KerbsideError(
          'secret-malformed',
          `the secret store leads to \`${url.origin}\`, which is not in the settings`,
        )
      }
      const answer = await httpsRequest({
        // Plain HTTP only where an origin of the settings is: the agent of Pod Identity, on the node itself.
        ...{ url, method, headers, ca: this.#ca, mayBePlain: true, signal: work.signal },
        ...(body === undefined ? {} : { body }),
      })
      work.last = { answer, url }
      return answer
    } catch (error) {
      work.failure = error instanceof KerbsideError ? error : unreachable(url, error)
      throw work.failure
    }
  }

  /** Notes what our own code throws inside an SDK, as the service-account token that cannot be read. */
  async noting<T>(part: Promise<T>): Promise<T> {
    return part.catch((error: unknown) => {
      const work = this.#work.getStore()
      if (work !== undefined && error instanceof KerbsideError) work.failure = error
      throw error
    })
  }
}

function unreachable(url: URL, error: unknown): KerbsideError {
  const hint = isUntrusted(error) ? { hint: 'a CA of its own must be in KERBSIDE_CA' } : {}
  return new KerbsideError('secret-unavailable', `${url.origin}: ${whyFailed(error)}`, { ...hint, cause: error })
}
