/** The policy in force: the last good one that was read. A broken change is told and not taken over. */
import type { Logger } from 'pino'
import { KerbsideError } from '../src/core/errors.ts'
import type { Bundle } from '../src/core/policy/bundle.ts'
import { IN_SHADOW } from '../src/core/policy/slice.ts'
import { type PolicySource, placeOf, watchPolicy } from '../src/io/policy/source.ts'
import type { WebhookMetrics } from './metrics.ts'

export type CurrentPolicy = { bundle(): Bundle; stop(): void }

/**
 * Resolves with the first good content.
 * @throws KerbsideError with every problem, when the policy is not usable to begin with: `bad-policy`, or of a signed
 *   one another code, such as `bundle-older`
 */
export function currentPolicy(
  source: PolicySource,
  { log, metrics }: { readonly log: Logger; readonly metrics: WebhookMetrics },
): Promise<CurrentPolicy> {
  return new Promise((resolve, reject) => {
    let current: Bundle | undefined
    const stop = watchPolicy(source, {
      taken(bundle, edition) {
        current = bundle
        metrics.policyTaken(edition?.sequence)
        const sequence = edition === undefined ? {} : { sequence: edition.sequence }
        log.info({ bundle: bundle.hash, ...sequence, identities: bundle.identities.size }, 'policy in force')
        metrics.policyMode(bundle.mode)
        if (bundle.mode === 'shadow') log.warn({ bundle: bundle.hash }, IN_SHADOW)
        resolve({ bundle: () => current ?? bundle, stop })
      },
      refused(code, lines) {
        metrics.policyRefused(code)
        if (current !== undefined) {
          log.error(
            { code, problems: lines, bundle: current.hash },
            'policy is broken; the last good one stays in force',
          )
          return
        }
        stop()
        reject(new KerbsideError(code, `\`${placeOf(source)}\` is not usable\n  ${lines.join('\n  ')}`))
      },
    })
  })
}
