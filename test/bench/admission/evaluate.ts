/** What the one function costs, in microseconds: a plain pod, and one with two thousand environment variables. */
import { evaluate } from '../../../src/core/identity/evaluate.ts'
import { BUNDLE, INJECTION, POD, podWithContainer } from '../../core/identity/world.ts'

export type EvaluateFigures = { readonly plainMicros: number; readonly largeMicros: number }

const VARIABLES = 2000
const BATCHES = 21

export function measureEvaluate(): EvaluateFigures {
  const env = Array.from({ length: VARIABLES }, (_, index) => ({ name: `VARIABLE_${index}`, value: `value ${index}` }))
  return { plainMicros: microsFor(POD, 2000), largeMicros: microsFor(podWithContainer({ env }), 200) }
}

/** Processor time, as others may be using it too: the median of many batches, after some that were not counted. */
function microsFor(pod: object, batch: number): number {
  const admission = { pod, namespace: 'ml-quant', stage: 'mutate', operation: 'CREATE' } as const
  const one = () => {
    const from = process.cpuUsage()
    for (let left = batch; left > 0; left -= 1) evaluate(admission, BUNDLE, INJECTION)
    const { user, system } = process.cpuUsage(from)
    return (user + system) / batch
  }
  for (let left = BATCHES / 2; left > 0; left -= 1) one()
  const micros = Array.from({ length: BATCHES }, one).sort((first, second) => first - second)
  return micros[Math.floor(BATCHES / 2)] ?? Number.NaN
}
