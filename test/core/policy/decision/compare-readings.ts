/** Puts generated cases to `decide` and to the slow second reading of the law, and wants the same of both. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { policyFor } from '../bundle-of.ts'
import { naiveDecide } from './naive.ts'
import { bundle, demands, namespace, now, worldOf } from './near-misses.ts'

/** Cases put to one generated bundle: making it costs more than asking it. */
const CASES_A_BUNDLE = 20

const asked = fc.array(fc.tuple(demands, now), { minLength: CASES_A_BUNDLE, maxLength: CASES_A_BUNDLE })

/**
 * @param cases how many, rounded up to whole bundles
 * @param progress is told how many were compared, now and then
 * @returns how often each reason came up
 * @throws the first difference, with the smallest bundle that shows it
 */
export function compareReadings(
  cases: number,
  { seed, progress }: { readonly seed?: number; readonly progress?: (compared: number) => void } = {},
): { readonly compared: number; readonly reasons: ReadonlyMap<string, number> } {
  const reasons = new Map<string, number>()
  let compared = 0
  fc.assert(
    fc.property(bundle, asked, namespace, (given, questions, from) => {
      const pod = from === undefined ? {} : { namespace: from }
      const policy = policyFor(given, 'quant-research', pod)
      const paths = worldOf(given)
      for (const [wanted, at] of questions) {
        const decision = policy.decide(wanted, at)
        const world = { ...pod, now: at, paths }
        const verdict = naiveDecide(given, 'quant-research', wanted, world)
        const asIf = naiveDecide(given, 'quant-research', wanted, { ...world, withShadow: true })
        expect([decision.effect, decision.reason]).toEqual([verdict.effect, verdict.reason])
        expect(decision.shadow?.effect ?? decision.effect, 'in shadow').toBe(asIf.effect)
        if (decision.shadow !== undefined) expect(decision.shadow.reason).toBe(asIf.reason)
        if (verdict.grants.length > 0 && wanted.length === 1) {
          expect(decision.grants.map(({ name }) => name).sort()).toEqual([...verdict.grants].sort())
        }
        reasons.set(verdict.reason, (reasons.get(verdict.reason) ?? 0) + 1)
        compared += 1
      }
      progress?.(compared)
    }),
    { numRuns: Math.ceil(cases / CASES_A_BUNDLE), ...(seed === undefined ? {} : { seed }) },
  )
  return { compared, reasons }
}
