/** Whatever field the API server knows, it is still there after injection, as it was: pods made from its own schema. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../../../src/core/identity/json.ts'
import { applyPatch } from '../../../src/core/identity/json-patch.ts'
import { fieldsIn, SCHEMAS, schemaPod } from './schema-pods.ts'
import { ask, outcome } from './world.ts'

/** Long enough for a machine that does other things too. */
const LIMIT_MS = 120_000

/** What is in the first and not in the second, taking additions to lists and objects for nothing. */
function lost(before: Json, after: Json | undefined, at = ''): readonly string[] {
  if (Array.isArray(before)) {
    const [list, there] = [before as readonly Json[], (after ?? []) as readonly Json[]]
    let from = 0
    return list.flatMap((each, index) => {
      const found = there.findIndex((candidate, place) => place >= from && lost(each, candidate).length === 0)
      if (found >= 0) from = found + 1
      return found >= 0 ? [] : [`${at}/${index}`]
    })
  }
  if (typeof before !== 'object' || before === null) return before === after ? [] : [at]
  if (typeof after !== 'object' || after === null || Array.isArray(after)) return [at]
  const there = after as JsonObject
  return Object.entries(before).flatMap(([key, each]) =>
    Object.hasOwn(there, key) ? lost(each, there[key], `${at}/${key}`) : [`${at}/${key}`],
  )
}

test(
  'nothing is lost, a second look adds nothing, and the last look agrees',
  () => {
    const seen = new Set<string>()
    let [admitted, all] = [0, 0]
    fc.assert(
      fc.property(schemaPod, (pod) => {
        all += 1
        const verdict = ask(pod)
        // A pod that the API server takes is never one that cannot be read.
        expect(outcome(verdict)).not.toContain('internal-error')
        if (verdict.effect === 'deny') return
        admitted += 1
        fieldsIn(pod, seen)
        const once = applyPatch(pod, verdict.patch)
        expect(lost(pod, once)).toEqual([])
        expect(ask(once)).toMatchObject({ effect: 'admit', patch: [] })
        expect(outcome(ask(once, { stage: 'validate' }))).toEqual(['admit'])
        expect(outcome(ask(once, { stage: 'running' }))).toEqual(['admit'])
      }),
      { numRuns: 2000 },
    )
    expect(admitted / all).toBeGreaterThan(0.7)
    // Most of what a pod can have was in one that was admitted.
    const known = new Set(Object.values(SCHEMAS).flatMap(({ properties = {} }) => Object.keys(properties)))
    expect([...known].filter((name) => seen.has(name)).length / known.size).toBeGreaterThan(0.7)
  },
  LIMIT_MS,
)

test(
  'a pod of any shape is answered, also one with everything that is refused, and never with a patch beside a denial',
  () => {
    fc.assert(
      fc.property(
        schemaPod,
        fc.constantFrom('hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace'),
        (pod, field) => {
          const wrong = { ...pod, spec: { ...(pod['spec'] as JsonObject), [field]: true } }
          for (const stage of ['mutate', 'validate', 'running'] as const) {
            expect(ask(wrong, { stage })).not.toHaveProperty('patch')
          }
        },
      ),
      { numRuns: 200 },
    )
  },
  LIMIT_MS,
)
