/** Who we are towards one HDFS, for as long as policy says so: a ticket, a delegation token, and trust in the cluster's CA. */
import { rm } from 'node:fs/promises'
import { KerbsideError } from '../../src/core/errors.ts'
import type { StoreSettings } from '../../src/io/secret-stores/open.ts'
import type { Log } from '../log.ts'
import { pause } from '../pause.ts'
import type { ClusterTrust, DelegationTokens } from '../ports.ts'
import type { Note } from '../who.ts'
import type { Acquired, AcquireTask, Connection } from './acquire.ts'
import type { Negotiated, NegotiateTask } from './negotiate.ts'
import { runOneShot } from './one-shot.ts'
import { kerberosEnv, runFiles } from './run-files.ts'
import { TicketKeeper, type TicketStatus } from './ticket-keeper.ts'
import { type Exchange, TokenKeeper } from './token-keeper.ts'

export type SessionOptions = {
  readonly store: StoreSettings
  readonly runDirectory: string
  readonly connection: Connection
  readonly log: Log
  /** For the audit log: that a credential came or failed, in words without a secret. */
  readonly note: (note: Extract<Note, { kind: 'credential' }>) => void
}

/** Longer than the bounds inside the program, so that it can say what it waited for. */
const ACQUIRE_WITHIN_MS = 240_000
const NEGOTIATE_WITHIN_MS = 90_000

export class Session {
  readonly #options: SessionOptions
  readonly #tickets: TicketKeeper
  #tokens: TokenKeeper | undefined
  #trust: ClusterTrust | undefined

  constructor(options: SessionOptions) {
    this.#options = options
    this.#tickets = new TicketKeeper({
      acquire: (signal) => this.#acquire(signal),
      onAcquired: (acquired) => this.#onAcquired(acquired),
      onFailure: (error) => this.#onFailure('ticket', error),
      clock: Date.now,
      chance: Math.random,
      wait: pause,
    })
  }

  get tokens(): DelegationTokens | undefined {
    return this.#tokens
  }

  get ticket(): TicketStatus {
    return this.#tickets.status()
  }

  get delegationToken(): { readonly expiresAt: number | undefined; readonly lastError: KerbsideError | undefined } {
    return { expiresAt: this.#tokens?.expiresAt, lastError: this.#tokens?.lastError }
  }

  /** @throws KerbsideError `not-ready` before the first login */
  get trust(): ClusterTrust {
    if (this.#trust === undefined) throw new KerbsideError('not-ready', 'the CA of the cluster is not there yet')
    return this.#trust
  }

  /** Cancels the delegation token while there is still a ticket to do it with, then forgets the ticket. */
  async close(): Promise<void> {
    await this.#tickets.close()
    await this.#tokens?.close()
    await rm(runFiles(this.#options.runDirectory).folder, { recursive: true, force: true })
  }

  #acquire(signal: AbortSignal): Promise<Acquired> {
    const { store, runDirectory, connection } = this.#options
    const task: AcquireTask = { store, runDirectory, connection }
    return runOneShot({ program: 'acquire', task, env: {}, timeoutMs: ACQUIRE_WITHIN_MS, signal })
  }

  #negotiate(exchange: Exchange, signal: AbortSignal): Promise<Negotiated> {
    const { runDirectory, connection } = this.#options
    const { krb5Conf, cache } = runFiles(runDirectory)
    const { principal, cluster } = connection
    const task: NegotiateTask = { ...exchange, nameNodes: cluster.nameNodes, ...this.trust, principal }
    const env = kerberosEnv(krb5Conf, cache)
    return runOneShot({ program: 'negotiate', task, env, timeoutMs: NEGOTIATE_WITHIN_MS, signal })
  }

  #onAcquired({ expiresAt, kvno, caPem, warnings }: Acquired): void {
    const { log, connection } = this.#options
    this.#trust = { caPem }
    for (const warning of warnings) log.warn(warning)
    const until = new Date(expiresAt).toISOString()
    log.info('ticket acquired', { principal: connection.principal, kvno, expiresAt: until })
    this.#note('ready', `ticket of ${connection.principal}, kvno ${kvno}, until ${until}`)
    this.#tokens?.retry()
    this.#tokens ??= new TokenKeeper({
      exchange: (exchange, signal) => this.#negotiate(exchange, signal),
      onToken: (what, { expiresAt: end, sequenceNumber }) => {
        const expires = new Date(end).toISOString()
        log.info(what === 'get' ? 'delegation token received' : 'delegation token renewed', {
          sequenceNumber,
          expiresAt: expires,
        })
        this.#note('ready', `delegation token ${sequenceNumber}, until ${expires}`)
      },
      onFailure: (what, error) => {
        this.#onFailure(`delegation token: ${what}`, error)
        if (error.code === 'kerberos-failed') this.#tickets.distrust(error)
      },
      clock: Date.now,
      chance: Math.random,
      wait: pause,
    })
  }

  #note(state: string, detail: string): void {
    this.#options.note({ kind: 'credential', state, detail })
  }

  #onFailure(what: string, error: KerbsideError): void {
    const { state } = this.#tickets.status()
    this.#options.log.error(`${what}: ${error.message}`, { code: error.code, state, ...hintOf(error) })
    this.#note(state, `${what}: ${error.code}`)
  }
}

const hintOf = ({ hint }: KerbsideError) => (hint === undefined ? {} : { hint })
