/** The policy in force: the last good content of the policy directory. A broken change is told and not taken over. */
import type { Logger } from 'pino'
import { KerbsideError } from '../src/core/errors.ts'
import type { Bundle } from '../src/core/policy/bundle.ts'
import { IN_SHADOW } from '../src/core/policy/slice.ts'
import { watchPolicyDirectory } from '../src/io/policy-directory.ts'
import type { WebhookMetrics } from './metrics.ts'

export type CurrentPolicy = { bundle(): Bundle; stop(): void }

/**
 * Resolves with the first good content.
 * @throws KerbsideError `bad-policy` with every problem, when the directory is not usable to begin with
 */
export function currentPolicy(
  directory: string,
  { log, metrics }: { readonly log: Logger; readonly metrics: WebhookMetrics },
): Promise<CurrentPolicy> {
  return new Promise((resolve, reject) => {
    let current: Bundle | undefined
    const stop = watchPolicyDirectory(
      directory,
      (bundle) => {
        current = bundle
        metrics.policyRead('taken')
        log.info({ bundle: bundle.hash, identities: bundle.identities.size }, 'policy in force')
        metrics.policyMode(bundle.mode)
        if (bundle.mode === 'shadow') log.warn({ bundle: bundle.hash }, IN_SHADOW)
        resolve({ bundle: () => current ?? bundle, stop })
      },
      (lines) => {
        metrics.policyRead('refused')
        if (current !== undefined) {
          log.error({ problems: lines, bundle: current.hash }, 'policy is broken; the last good one stays in force')
          return
        }
        stop()
        reject(new KerbsideError('bad-policy', `\`${directory}\` is not usable\n  ${lines.join('\n  ')}`))
      },
    )
  })
}
