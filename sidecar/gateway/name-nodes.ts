/** The NameNodes of the cluster: finds the active one, and tries again only what does no harm twice. */
import { setTimeout as pause } from 'node:timers/promises'
import { type ErrorCode, KerbsideError } from '../../src/core/errors.ts'
import type { Method } from '../../src/core/hdfs/operation.ts'
import { writeQuery } from '../../src/core/hdfs/query.ts'
import type { Protocol } from '../../src/core/hdfs/redirect.ts'
import { type RemoteException, readRemoteException } from '../../src/core/hdfs/remote-exception.ts'
import { PREFIX } from '../../src/core/hdfs/request.ts'
import { encodePath, type Target } from '../../src/core/hdfs/target.ts'
import type { DelegationTokens } from '../ports.ts'
import type { Agents } from './agents.ts'
import { type Answer, exchange } from './exchange.ts'
import type { Limits } from './limits.ts'
import type { Failure } from './upstream-failure.ts'

export type Question = {
  readonly method: Method
  readonly target: Target
  readonly query: readonly (readonly [name: string, value: string])[]
  /** Whether it may be asked again when nobody knows what became of the first time. */
  readonly repeatable: boolean
}

/** What a NameNode said, with the delegation token that it accepted, and how it was reached. */
export type Said = Answer & {
  readonly delegationToken: string
  readonly protocol: Protocol
  readonly exception: RemoteException | undefined
}

/** A standby NameNode answers 403 StandbyException, not 503: that is failover, not denial. Nothing was done. */
const ELSEWHERE = new Set(['StandbyException', 'ObserverRetryOnActiveException'])
/** Starting up, in its first safe mode, or too busy: the right one, later. Nothing was done. */
const LATER = new Set(['RetriableException', 'ServerTooBusyException'])

type Verdict = 'answer' | 'invalid-token' | 'elsewhere' | 'later'

export class NameNodes {
  readonly #origins: () => readonly string[]
  readonly #tokens: DelegationTokens
  readonly #agents: Agents
  readonly #limits: Limits
  /** The one that answered last. */
  #preferred = ''

  constructor(origins: () => readonly string[], tokens: DelegationTokens, agents: Agents, limits: Limits) {
    this.#origins = origins
    this.#tokens = tokens
    this.#agents = agents
    this.#limits = limits
  }

  /**
   * @returns an answer of the active NameNode, whether it says yes or no
   * @throws KerbsideError `hdfs-…`, or why there is no delegation token
   */
  async ask(question: Question): Promise<Said> {
    const until = Date.now() + this.#limits.failoverMs
    let delegationToken = await this.#tokens.current()
    let isReplaced = false
    for (let round = 0; ; round++) {
      const troubles: Trouble[] = []
      for (const origin of this.#inOrder()) {
        const outcome = await this.#askOne(origin, question, delegationToken)
        if ('maybeSent' in outcome) {
          troubles.push(troubleOf(outcome, question, origin))
          continue
        }
        const exception = outcome.status >= 400 ? readRemoteException(outcome.body) : undefined
        const verdict = verdictOf(outcome, exception)
        if (verdict === 'answer') {
          this.#preferred = origin
          return { ...outcome, exception, delegationToken, protocol: protocolOf(origin) }
        }
        if (verdict === 'invalid-token') {
          if (isReplaced) throw new KerbsideError('hdfs-refused-us', `${origin} refuses a delegation token that is new`)
          isReplaced = true
          delegationToken = await this.#tokens.replace(delegationToken)
        }
        const code = verdict === 'elsewhere' ? 'hdfs-no-active' : 'hdfs-unreachable'
        troubles.push({ code, message: `${origin} answers ${exception?.exception}`, cause: undefined })
        // The right one, but not now: its partner would only say that it is not.
        if (verdict !== 'elsewhere') break
      }
      await this.#rest(round, until, troubles)
    }
  }

  #askOne(origin: string, { method, target, query, repeatable }: Question, token: string): Promise<Answer | Failure> {
    const { hostname: host, port } = new URL(origin)
    const protocol = protocolOf(origin)
    const path = `${PREFIX}${encodePath(target)}?${writeQuery([...query, ['delegation', token]])}`
    const agent = repeatable ? this.#agents.kept(protocol) : this.#agents.fresh(protocol)
    const usual = protocol === 'https:' ? 443 : 80
    return exchange({ protocol, host, port: Number(port || usual), method, path, agent }, this.#limits)
  }

  #inOrder(): readonly string[] {
    const origins = this.#origins()
    return [...origins].sort((one, other) => Number(other === this.#preferred) - Number(one === this.#preferred))
  }

  /** Waits before the next round, unless the time is over or waiting does not help. */
  async #rest(round: number, until: number, troubles: readonly Trouble[]): Promise<void> {
    const worst = troubles.find(({ code }) => code === 'hdfs-no-active') ?? troubles[0]
    const { firstPauseMs, longestPauseMs } = this.#limits
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** round) * (0.5 + Math.random() / 2)
    const isHopeless = troubles.every(({ code }) => code === 'hdfs-untrusted')
    if (isHopeless || Date.now() + pauseMs > until) {
      throw new KerbsideError(worst?.code ?? 'hdfs-unreachable', troubles.map(({ message }) => message).join('; '), {
        cause: worst?.cause,
      })
    }
    await pause(pauseMs)
  }
}

/** Whether an origin may be plain HTTP at all was settled when the slice was read. */
const protocolOf = (origin: string): Protocol => (origin.startsWith('http:') ? 'http:' : 'https:')

type Trouble = { readonly code: ErrorCode; readonly message: string; readonly cause: unknown }

/** @throws KerbsideError when it must not be tried again */
function troubleOf({ code, maybeSent, cause }: Failure, { repeatable }: Question, origin: string): Trouble {
  const message = `${origin}: ${cause instanceof Error ? cause.message : String(cause)}`
  if (maybeSent && !repeatable) throw new KerbsideError('hdfs-unknown-outcome', message, { cause })
  if (code === 'hdfs-broken-answer') throw new KerbsideError(code, message, { cause })
  return { code, message, cause }
}

function verdictOf({ status }: Answer, exception: RemoteException | undefined): Verdict {
  if (status === 401) return 'invalid-token'
  if (exception === undefined) return 'answer'
  if (ELSEWHERE.has(exception.exception)) return 'elsewhere'
  if (LATER.has(exception.exception)) return 'later'
  return isInvalidToken(exception) ? 'invalid-token' : 'answer'
}

/** `InvalidToken` itself, or the SecurityException that the web filter wraps it in. */
export function isInvalidToken({ exception, message }: RemoteException): boolean {
  return exception === 'InvalidToken' || (exception === 'SecurityException' && message.includes('InvalidToken'))
}
