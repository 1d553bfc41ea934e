/** Who we are towards one HDFS, for as long as policy says so: a ticket, a delegation token, and trust in the cluster's CA. */
import { rm } from 'node:fs/promises'
import { type ErrorCode, KerbsideError } from '../../src/core/errors.ts'
import type { KdcStatus } from '../../src/core/kerberos/kdc-order.ts'
import { runFiles } from '../../src/io/kerberos/run-files.ts'
import { startOneShot, type Waiting } from '../../src/io/one-shot.ts'
import { pause } from '../pause.ts'
import type { ClusterProperties, ClusterTrust, DelegationTokens } from '../ports.ts'
import { type Clocks, ClockWatch, type Jump } from '../steady-clock.ts'
import type { Acquired, AcquireNews, AcquireTask, Connection } from './acquire.ts'
import { type Ahead, type ProgramName, programsOf } from './ahead.ts'
import { Changes, type ChangesOptions, type Kind, type Standing } from './changes.ts'
import { ConfigurationNews } from './configuration-news.ts'
import type { NameNodesAhead } from './early-agent.ts'
import type { Negotiated, NegotiateTask } from './negotiate.ts'
import { TicketKeeper } from './ticket-keeper.ts'
import { type Exchange, type Timed, TokenKeeper } from './token-keeper.ts'

export type SessionOptions = ChangesOptions & {
  readonly store: AcquireTask['store']
  readonly runDirectory: string
  readonly connection: Connection
  /** Started already, for the first exchange of each kind. */
  readonly ahead: Ahead
  /** Makes the job's clients see what the cluster's own Hadoop configuration says. Never throws. */
  readonly useConfiguration: (given: ClusterProperties) => Promise<void>
}

/** All that is known of the credentials of a session. */
export type CredentialStatus = {
  readonly ticket: Standing
  readonly delegationToken: Standing
  readonly kvno: number | undefined
  readonly kdcs: readonly KdcStatus[]
  /** Milliseconds that the KDC's clock is ahead of ours. */
  readonly clockOffsetMs: number | undefined
  readonly failures: readonly { readonly kind: Kind; readonly code: ErrorCode; readonly count: number }[]
}

/** Longer than the bounds inside the program, so that it can say what it waited for. */
const ACQUIRE_WITHIN_MS = 120_000
const NEGOTIATE_WITHIN_MS = 90_000
/** A folder costs nothing to look into; a secret store has as many to serve as there are pods. */
const LOOK_MS = { files: 60_000, others: 300_000 } as const
/** Kerberos itself allows five minutes; half of that is worth a word. */
const WORTH_SAYING_MS = 150_000

export class Session {
  readonly #options: SessionOptions
  readonly #changes: Changes
  readonly #clockWatch: ClockWatch
  readonly #tickets: TicketKeeper
  readonly #configuration: ConfigurationNews
  readonly #failures = new Map<string, { kind: Kind; code: ErrorCode; count: number }>()
  #tokens: TokenKeeper | undefined
  #acquired: Acquired | undefined
  #kdcs: readonly KdcStatus[] = []

  constructor(options: SessionOptions) {
    this.#options = options
    const { store, clocks } = options
    this.#changes = new Changes(options)
    this.#configuration = new ConfigurationNews(options.log, options.useConfiguration)
    this.#clockWatch = new ClockWatch(clocks, (jump) => this.#onJump(jump))
    this.#tickets = new TicketKeeper({
      acquire: (signal, { unlessUnchanged }) => this.#acquire(signal, unlessUnchanged),
      onAcquired: (acquired) => this.#onAcquired(acquired),
      onFailure: (error) => this.#count('ticket', error),
      onStatus: () => this.#changes.look(),
      ...pacesOf(clocks),
      lookMs: store.store === 'files' ? LOOK_MS.files : LOOK_MS.others,
    })
    this.#changes.watch('ticket', () => this.#tickets.status())
  }

  get tokens(): DelegationTokens | undefined {
    return this.#tokens
  }

  status(): CredentialStatus {
    return {
      ticket: this.#changes.standing('ticket'),
      delegationToken: this.#changes.standing('delegation token'),
      kvno: this.#acquired?.kvno,
      kdcs: this.#kdcs,
      clockOffsetMs: this.#acquired?.clockOffsetMs,
      failures: [...this.#failures.values()],
    }
  }

  /** @throws KerbsideError `not-ready` before the first login */
  get trust(): ClusterTrust {
    if (this.#acquired === undefined) throw new KerbsideError('not-ready', 'the CA of the cluster is not there yet')
    return { caPem: this.#acquired.caPem }
  }

  /** Cancels the delegation token while there is still a ticket to do it with, then forgets the ticket. */
  async close(): Promise<void> {
    this.#clockWatch.stop()
    this.#changes.stop()
    // The cache that a login makes lies beside the live one, so that neither waits for the other.
    await Promise.all([this.#tickets.close(), this.#tokens?.close()])
    await rm(runFiles(this.#options.runDirectory).folder, { recursive: true, force: true })
  }

  async #acquire(signal: AbortSignal, unlessUnchanged: boolean): Promise<Acquired | 'unchanged'> {
    const { store, runDirectory, connection, ahead } = this.#options
    const { nameNodes } = connection.cluster
    const known = unlessUnchanged ? this.#acquired?.version : undefined
    const task: AcquireTask = {
      store,
      runDirectory,
      connection,
      ...(known === undefined ? {} : { unlessVersion: known }),
    }
    const onNews = (said: unknown) => {
      const news = said as AcquireNews
      if ('caPem' in news) ahead.prepare('negotiate', { nameNodes, caPem: news.caPem } satisfies NameNodesAhead)
      else if ('kdcs' in news) this.#kdcs = news.kdcs
      else this.#configuration.take(news.configuration)
    }
    const work = { task, timeoutMs: ACQUIRE_WITHIN_MS, signal, onNews }
    const acquired = await this.#program('acquire').run<Acquired | 'unchanged'>(work)
    // A job starts once there is a ticket, and reads its configuration then.
    await this.#configuration.settled()
    return acquired
  }

  async #negotiate(exchange: Exchange, signal: AbortSignal): Promise<Timed> {
    this.#tickets.assertHolds()
    const { connection, clocks } = this.#options
    const { principal, cluster } = connection
    const task: NegotiateTask = { ...exchange, nameNodes: cluster.nameNodes, ...this.trust, principal }
    const begun = clocks.steady()
    const work = { task, timeoutMs: NEGOTIATE_WITHIN_MS, signal }
    const negotiated = await this.#program('negotiate').run<Negotiated>(work)
    const { token, answeredAt, expiresAt, maxAt, sequenceNumber } = negotiated
    const ours = (theirs: number) => begun + (theirs - answeredAt)
    return { token, expiresAt: ours(expiresAt), maxAt: ours(maxAt), sequenceNumber }
  }

  #program(name: ProgramName): Waiting {
    const { ahead, runDirectory } = this.#options
    return ahead.take(name) ?? startOneShot(programsOf(runDirectory)[name])
  }

  #onAcquired(acquired: Acquired): void {
    const { log, connection } = this.#options
    const { kvno, warnings, clockOffsetMs, lifeMs } = acquired
    this.#acquired = acquired
    for (const warning of warnings) log.warn(warning)
    if (Math.abs(clockOffsetMs) > WORTH_SAYING_MS) {
      const seconds = Math.round(clockOffsetMs / 1000)
      const hint = 'set the clock of the node; Kerberos allows 5 minutes'
      log.warn('the clock of the KDC differs from ours', { kdcAheadSeconds: seconds, hint })
    }
    log.info('ticket acquired', { principal: connection.principal, kvno, lifeSeconds: Math.round(lifeMs / 1000) })
    this.#tokens?.retry()
    this.#tokens ??= this.#startTokens()
  }

  #startTokens(): TokenKeeper {
    const { log, clocks } = this.#options
    const tokens = new TokenKeeper({
      exchange: (exchange, signal) => this.#negotiate(exchange, signal),
      onToken: (what, { expiresAt, sequenceNumber }) => {
        const leftSeconds = Math.round((expiresAt - clocks.steady()) / 1000)
        const message = what === 'get' ? 'delegation token received' : 'delegation token renewed'
        log.info(message, { sequenceNumber, leftSeconds })
      },
      onFailure: (what, error) => {
        this.#count('delegation token', error)
        if (what === 'cancel')
          log.warn(`the delegation token was not cancelled: ${error.message}`, { code: error.code })
        if (error.code === 'kerberos-failed') this.#tickets.distrust(error)
      },
      onStatus: () => this.#changes.look(),
      ...pacesOf(clocks),
    })
    this.#changes.watch('delegation token', () => tokens.status())
    return tokens
  }

  #onJump({ what, ms }: Jump): void {
    const seconds = Math.round(ms / 1000)
    const message = what === 'set' ? 'the clock of this machine was set' : 'this machine slept'
    this.#options.log.warn(`${message}: logging in anew`, { seconds })
    this.#tickets.refresh()
    this.#tokens?.retry()
  }

  #count(kind: Kind, { code }: KerbsideError): void {
    const key = `${kind} ${code}`
    const counted = this.#failures.get(key) ?? { kind, code, count: 0 }
    counted.count++
    this.#failures.set(key, counted)
  }
}

const pacesOf = ({ steady }: Clocks) => ({ clock: steady, chance: Math.random, wait: pause })
