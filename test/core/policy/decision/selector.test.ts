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
