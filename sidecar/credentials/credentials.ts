/** Credentials for whatever the newest slice says: when it names another principal, secret or cluster, all begins anew. */
import { KerbsideError } from '../../src/core/errors.ts'
import type { SliceHead } from '../../src/core/policy/kept-slice.ts'
import type { ClusterTrust, CurrentSlice, DelegationTokens } from '../ports.ts'
import type { Connection } from './acquire.ts'
import { type CredentialStatus, Session, type SessionOptions } from './session.ts'

export type CredentialsOptions = Omit<SessionOptions, 'connection'> & { readonly slices: CurrentSlice }

const NOT_YET = () => new KerbsideError('not-ready', 'there is no ticket yet')

export class Credentials {
  readonly #options: CredentialsOptions
  readonly #unsubscribe: () => void
  #session: Session
  #key: string
  /** Sessions are replaced one after the other: they share the run folder. */
  #replacing: Promise<void> = Promise.resolve()
  #isClosed = false

  /** @throws KerbsideError when there is no slice */
  constructor(options: CredentialsOptions) {
    this.#options = options
    const connection = connectionOf(options.slices.get())
    this.#key = keyOf(connection)
    this.#session = new Session({ ...options, connection })
    this.#unsubscribe = options.slices.onChange((slice) => this.#follow(connectionOf(slice)))
  }

  /** What the gateway asks; always of the newest session. */
  readonly tokens: DelegationTokens = {
    current: () => this.#live().tokens?.current() ?? Promise.reject(NOT_YET()),
    replace: (refused) => this.#live().tokens?.replace(refused) ?? Promise.reject(NOT_YET()),
  }

  /** @throws KerbsideError `not-ready` before the first login */
  trust(): ClusterTrust {
    return this.#live().trust
  }

  status(): CredentialStatus {
    return this.#session.status()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#unsubscribe()
    this.#options.ahead.close()
    await this.#replacing
    await this.#session.close()
  }

  #live(): Session {
    if (this.#isReplacing) throw NOT_YET()
    return this.#session
  }

  #isReplacing = false

  #follow(connection: Connection): void {
    const key = keyOf(connection)
    if (key === this.#key) return
    this.#key = key
    this.#isReplacing = true
    this.#options.log.info('principal or cluster changed: credentials begin anew', { principal: connection.principal })
    this.#replacing = this.#replacing.then(async () => {
      await this.#session.close()
      if (this.#isClosed || key !== this.#key) return
      this.#session = new Session({ ...this.#options, connection })
      this.#isReplacing = false
    })
  }
}

function connectionOf({ principal, secret, secretsThrough, cluster }: SliceHead): Connection {
  return { principal, secret, ...(secretsThrough === undefined ? {} : { secretsThrough }), cluster }
}

const keyOf = (connection: Connection) => JSON.stringify(connection)
