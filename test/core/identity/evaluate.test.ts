/** When evaluate itself cannot: no policy, or a pod that is none. It denies, and never throws. */
import { expect, test } from 'vitest'
import { evaluate } from '../../../src/core/identity/evaluate.ts'
import { asObject, type Json } from '../../../src/core/identity/json.ts'
import { ask, INJECTION, outcome, POD } from './world.ts'

test('nothing is admitted without a policy', () => {
  const admission = { pod: POD, namespace: 'ml-quant', stage: 'mutate', operation: 'CREATE' } as const
  expect(outcome(evaluate(admission, undefined, INJECTION))).toEqual(['no-policy'])
})

test('what cannot be read is denied, and never throws', () => {
  const broken: Json[] = [
    null,
    1,
    'pod',
    [],
    { spec: 1 },
    { spec: { containers: {} } },
    { metadata: { labels: { a: 1 } } },
  ]
  for (const pod of broken) expect(outcome(ask(pod))).toEqual(['internal-error'])
  const unusable = new Proxy(asObject(POD, 'pod'), {
    getOwnPropertyDescriptor: () => {
      throw new TypeError('secret')
    },
  })
  const verdict = ask(unusable)
  expect(outcome(verdict)).toEqual(['internal-error'])
  expect(JSON.stringify('denials' in verdict && verdict.denials)).not.toContain('secret')
  expect(outcome(ask(POD, { operation: 'UPDATE' }))).toEqual(['internal-error'])
})
