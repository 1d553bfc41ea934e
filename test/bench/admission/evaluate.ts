/** What the one function costs, in microseconds: a plain pod, and one with two thousand environment variables. */
import { evaluate } from '../../../src/core/identity/evaluate.ts'
import { BUNDLE, INJECTION, POD, podWithContainer } from '../../core/identity/world.ts'

export type EvaluateFigures = { readonly plainMicros: number; readonly largeMicros: number }

const VARIABLES = 2000
const BATCHES = 4000
/** Of all batches: whatever else runs on this machine only adds, and less than a batch is not measured. */
const SHARE = 0.1

export function measureEvaluate(): EvaluateFigures {
  const env = Array.from({ length: VARIABLES }, (_, index) => ({ name: `VARIABLE_${index}`, value: `value ${index}` }))
  return { plainMicros: microsFor(POD, 20), largeMicros: microsFor(podWithContainer({ env }), 5) }
}

function microsFor(pod: object, batch: number): number {
  const admission = { pod, namespace: 'ml-quant', stage: 'mutate', operation: 'CREATE' } as const
  const one = () => {
    const from = performance.now()
    for (let left = batch; left > 0; left -= 1) evaluate(admission, BUNDLE, INJECTION)
    return ((performance.now() - from) * 1000) / batch
  }
  const micros = Array.from({ length: BATCHES }, one).sort((first, second) => first - second)
  return micros[Math.floor(BATCHES * SHARE)] ?? Number.NaN
}
