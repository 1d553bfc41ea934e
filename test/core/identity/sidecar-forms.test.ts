/** A sidecar of an earlier version is still ours, as a whole and as nothing else: pods run on while programs are replaced by newer ones. */
import { describe, expect, test } from 'vitest'
import { type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { ask, injected, outcome, POD } from './world.ts'

const sidecarIn = (pod: JsonObject) => objectsAt(objectAt(pod, 'spec'), 'initContainers')[0] ?? {}
const withSidecar = (pod: JsonObject, change: JsonObject): JsonObject => ({
  ...pod,
  spec: { ...objectAt(pod, 'spec'), initContainers: [{ ...sidecarIn(pod), ...change }] },
})
const variables = objectsAt(sidecarIn(injected(POD)), 'env')
const without = (...names: readonly string[]): JsonObject =>
  withSidecar(injected(POD), { env: variables.filter(({ name }) => !names.includes(String(name))) })

/** As version 0.1 made it before memory was given back. */
const EARLIER = without('MALLOC_ARENA_MAX', 'MALLOC_MMAP_THRESHOLD_', 'MALLOC_TRIM_THRESHOLD_')

describe('a pod that an earlier version injected', () => {
  test('is admitted by each stage, and gets nothing', () => {
    for (const stage of ['mutate', 'validate', 'running'] as const)
      expect(ask(EARLIER, { stage })).toMatchObject({ effect: 'admit', patch: [] })
  })

  test('is not what new pods get', () => {
    expect(injected(POD)).not.toEqual(EARLIER)
  })

  test.each([
    ['image', { image: 'evil' }],
    ['args', { args: ['sidecar', '--more'] }],
    ['restartPolicy', { restartPolicy: 'Never' }],
    ['lifecycle', { lifecycle: { postStart: { exec: { command: ['sh'] } } } }],
  ])('is refused when its %s is another', (field, change) => {
    for (const stage of ['mutate', 'validate', 'running'] as const) {
      const verdict = ask(withSidecar(EARLIER, change), { stage })
      expect(outcome(verdict)).toEqual(['sidecar-differs'])
      expect(JSON.stringify(verdict)).toContain(field)
    }
  })
})

test('half of a form is none, and no single variable may be missing', () => {
  for (const { name } of variables) {
    for (const stage of ['validate', 'running'] as const)
      expect(outcome(ask(without(String(name)), { stage })), String(name)).toEqual(['sidecar-differs'])
  }
})

test('whatever differs is told from the form of this version', () => {
  const both = withSidecar(EARLIER, { image: 'evil' })
  expect(JSON.stringify(ask(both, { stage: 'validate' }))).toContain('(image, env MALLOC_ARENA_MAX')
})
