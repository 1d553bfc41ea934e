/** Selectors as Kubernetes takes them, and grants that pods have to be for. */
import { expect, test } from 'vitest'
import { pertains } from '../../../../src/core/policy/decision/pod-condition.ts'
import { formatSelector, matches, toSelector } from '../../../../src/core/policy/decision/selector.ts'

const labels = new Map([
  ['stage', 'prod'],
  ['constructor', 'yes'],
])
const on = (key: string, operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', values: readonly string[] = []) =>
  matches([{ key, operator, values }], labels)

test('each operator as Kubernetes has it', () => {
  expect([on('stage', 'In', ['prod', 'test']), on('stage', 'In', ['test'])]).toEqual([true, false])
  expect([on('stage', 'NotIn', ['test']), on('stage', 'NotIn', ['prod'])]).toEqual([true, false])
  expect(on('owner', 'NotIn', ['prod']), 'what has no such label is in no list').toBe(true)
  expect([on('stage', 'Exists'), on('owner', 'Exists')]).toEqual([true, false])
  expect([on('stage', 'DoesNotExist'), on('owner', 'DoesNotExist')]).toEqual([false, true])
  expect([on('toString', 'Exists'), on('constructor', 'Exists')]).toEqual([false, true])
})

test('an operator of a later version matches nothing', () => {
  expect(on('stage', 'Gt' as 'In', ['1'])).toBe(false)
})

test('every condition must hold, and both ways to write one are one', () => {
  const selector = toSelector({
    matchLabels: { stage: 'prod' },
    matchExpressions: [{ key: 'owner', operator: 'NotIn', values: ['b', 'a'] }],
  })
  expect(matches(selector, labels)).toBe(true)
  expect(matches(selector, new Map([...labels, ['owner', 'a']]))).toBe(false)
  expect(formatSelector(selector)).toBe('stage=prod, owner notin (a, b)')
})

test('each condition is written as kubectl takes it, and values in one order', () => {
  const operators = ['Exists', 'DoesNotExist', 'In', 'NotIn'] as const
  const one = operators.map((operator, index) => ({ key: `one-${index}`, operator, values: ['x'] }))
  const two = operators.slice(2).map((operator, index) => ({ key: `two-${index}`, operator, values: ['y', 'x'] }))
  const selector = toSelector({ matchLabels: { team: 'quant' }, matchExpressions: [...one, ...two] })
  expect(formatSelector(selector)).toBe(
    'team=quant, one-0, !one-1, one-2=x, one-3!=x, two-0 in (x, y), two-1 notin (x, y)',
  )
  expect(toSelector({ matchLabels: { team: 'quant' } })).toEqual([{ key: 'team', operator: 'In', values: ['quant'] }])
  expect(toSelector({ matchExpressions: [{ key: 'team', operator: 'Exists' }] })).toEqual([
    { key: 'team', operator: 'Exists', values: [] },
  ])
})

test('a grant that asks for a namespace alone, or for labels alone, or for nothing', () => {
  const [namespaces, selector] = [forPod.namespaces, forPod.selector]
  const effects = ['allow', 'deny'] as const
  for (const effect of effects) {
    expect(pertains({ effect, pods: { namespaces } }, { namespace: 'ml-quant' })).toBe(true)
    expect(pertains({ effect, pods: { namespaces } }, { namespace: 'ml', labels })).toBe(false)
    expect(pertains({ effect, pods: { selector } }, { labels })).toBe(true)
    expect(pertains({ effect, pods: { selector } }, { namespace: 'ml-quant', labels: new Map() })).toBe(false)
    expect(pertains({ effect }, {})).toBe(true)
  }
})

const forPod = { namespaces: ['ml-quant'], selector: toSelector({ matchLabels: { stage: 'prod' } }) }
test.each([
  ['the pod it asks for', { namespace: 'ml-quant', labels }, true, true],
  ['a pod of another namespace', { namespace: 'ml-quant-2', labels }, false, false],
  ['a pod without the label', { namespace: 'ml-quant', labels: new Map() }, false, false],
  ['a pod of which nothing is known', {}, false, true],
  ['a pod whose labels are not known', { namespace: 'ml-quant' }, false, true],
  ['a pod whose namespace is not known, and whose label is another', { labels: new Map() }, false, false],
])('%s', (_, pod, allowed, denied) => {
  expect(pertains({ effect: 'allow', pods: forPod }, pod)).toBe(allowed)
  expect(pertains({ effect: 'deny', pods: forPod }, pod)).toBe(denied)
})
