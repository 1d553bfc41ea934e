/** Says each change of a credential's state once: a log line, an audit note, an event on the pod; and remembers since when. */
import type { KerbsideError } from '../../src/core/errors.ts'
import type { CredentialState } from '../../src/core/kerberos/refresh.ts'
import { CREDENTIAL_KINDS, type CredentialKind, type ToldChange } from '../../src/core/kerberos/told-change.ts'
import type { Log } from '../log.ts'
import type { Clocks } from '../steady-clock.ts'
import type { Note } from '../who.ts'

export type Kind = CredentialKind

/** Times are of the steady clock. */
export type KeptStatus = {
  readonly state: CredentialState
  readonly issuedAt: number | undefined
  readonly expiresAt: number | undefined
  readonly lastError: KerbsideError | undefined
}

/** The same for whoever reads it: times are milliseconds since the epoch. */
export type Standing = {
  readonly state: CredentialState
  readonly since: number
  readonly ageMs: number | undefined
  readonly leftMs: number | undefined
  readonly expiresAt: number | undefined
  readonly lastError: KerbsideError | undefined
}

export type ChangesOptions = {
  readonly log: Log
  /** For the audit log, in words without a secret. */
  readonly note: (note: Extract<Note, { kind: 'credential' }>) => void
  /** For an Event on the pod; may be lost. */
  readonly tell: (change: ToldChange) => void
  readonly clocks: Clocks
}

/** A ticket ends without anybody doing anything. */
const LOOK_EVERY_MS = 1000
/** Nothing is said of what has only just begun to be sought. */
const AT_FIRST = { state: 'pending', code: undefined } as const

type Known = { readonly state: CredentialState; readonly code: string | undefined; readonly since: number }

export class Changes {
  readonly #options: ChangesOptions
  readonly #kept = new Map<Kind, () => KeptStatus>()
  readonly #known = new Map<Kind, Known>()
  readonly #timer: NodeJS.Timeout

  constructor(options: ChangesOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref()
    for (const kind of CREDENTIAL_KINDS) {
      this.#known.set(kind, { ...AT_FIRST, since: options.clocks.steady() })
    }
  }

  watch(kind: Kind, status: () => KeptStatus): void {
    this.#kept.set(kind, status)
  }

  /** Another state, or another reason for the same one, is a change. */
  look(): void {
    for (const [kind, read] of this.#kept) {
      const status = read()
      const known = this.#known.get(kind)
      const code = status.lastError?.code
      if (known === undefined || (known.state === status.state && known.code === code)) continue
      const since = known.state === status.state ? known.since : this.#options.clocks.steady()
      this.#known.set(kind, { state: status.state, code, since })
      this.#say(kind, known, status)
    }
  }

  standing(kind: Kind): Standing {
    const { steady, wall } = this.#options.clocks
    const now = steady()
    const { state, issuedAt, expiresAt, lastError } = this.#kept.get(kind)?.() ?? NOTHING
    const toWall = wall() - now
    return {
      state,
      since: (this.#known.get(kind)?.since ?? now) + toWall,
      ageMs: issuedAt === undefined ? undefined : now - issuedAt,
      leftMs: expiresAt === undefined ? undefined : expiresAt - now,
      expiresAt: expiresAt === undefined ? undefined : expiresAt + toWall,
      lastError,
    }
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #say(kind: Kind, known: Known, { state, lastError: error }: KeptStatus): void {
    const { log, note, tell } = this.#options
    const { expiresAt } = this.standing(kind)
    const until = expiresAt === undefined ? {} : { until: new Date(expiresAt).toISOString() }
    const code = error === undefined ? {} : { code: error.code }
    const hint = error?.hint === undefined ? {} : { hint: error.hint }
    const why = error === undefined ? '' : `: ${error.message}`
    log[LEVELS[state]](`${kind} is ${state}${why}`, { state, was: known.state, ...code, ...hint, ...until })
    note({
      kind: 'credential',
      state,
      detail: `${kind} is ${state}, was ${known.state}${error === undefined ? '' : `: ${error.code}`}`,
    })
    // That a pod starts well is no event.
    if (error === undefined && known.state === 'pending' && known.code === undefined) return
    const detail = error === undefined ? {} : { detail: [error.message, error.hint].filter(Boolean).join('; ') }
    tell({ kind, state, ...code, ...detail, ...(expiresAt === undefined ? {} : { expiresAt }) })
  }
}

const LEVELS = { pending: 'warn', ready: 'info', stale: 'warn', expired: 'error' } as const satisfies Record<
  CredentialState,
  keyof Log
>
const NOTHING: KeptStatus = { state: 'pending', issuedAt: undefined, expiresAt: undefined, lastError: undefined }
