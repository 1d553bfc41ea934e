/** What each look at the secret store says of the cluster's Hadoop configuration: handed on when it changes, and said once. */
import type { ErrorCode, KerbsideError } from '../../src/core/errors.ts'
import type { Log } from '../log.ts'
import type { ClusterProperties } from '../ports.ts'
import type { FetchedConfiguration } from './fetch-configuration.ts'

type Problem = { readonly code: ErrorCode; readonly message: string; readonly hint?: string }

/** As it travels between two processes. */
export type ConfigurationReport = {
  readonly properties?: ClusterProperties
  readonly problems: readonly Problem[]
}

export function toReport({ properties, problems }: FetchedConfiguration): ConfigurationReport {
  return { ...(properties === undefined ? {} : { properties }), problems: problems.map(toProblem) }
}

const toProblem = ({ code, message, hint }: KerbsideError): Problem => ({
  code,
  message,
  ...(hint === undefined ? {} : { hint }),
})

export class ConfigurationNews {
  readonly #log: Log
  readonly #use: (properties: ClusterProperties) => Promise<void>
  #known: string | undefined
  #handedOn: Promise<void> = Promise.resolve()

  /** @param use makes the job's clients see it; must not throw */
  constructor(log: Log, use: (properties: ClusterProperties) => Promise<void>) {
    this.#log = log
    this.#use = use
  }

  /** A warning that was given is not given again until something is different. */
  take(report: ConfigurationReport): void {
    const text = JSON.stringify(report)
    if (text === this.#known) return
    this.#known = text
    const { properties, problems } = report
    const stays = properties === undefined ? ', so jobs keep what they had' : ''
    for (const { code, message, hint } of problems) {
      this.#log.warn(`hadoop configuration: ${message}${stays}`, { code, ...(hint === undefined ? {} : { hint }) })
    }
    if (properties === undefined) return
    this.#log.info('hadoop configuration read', { forClients: properties.properties.length })
    this.#handedOn = this.#handedOn.then(() => this.#use(properties))
  }

  /** Resolves when the job's clients would see what was taken last. */
  settled(): Promise<void> {
    return this.#handedOn
  }
}
