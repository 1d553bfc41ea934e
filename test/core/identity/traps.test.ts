/** The corpus of traps, as far as `evaluate` alone can tell: each layer that runs it denies what it is said to deny, and nothing else. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Admission } from '../../../src/core/identity/admission.ts'
import type { JsonObject } from '../../../src/core/identity/json.ts'
import { sentenceOf, TRAPS } from './corpus.ts'
import { withForcedSidecar } from './forced.ts'
import { ask, INJECTION, outcome } from './world.ts'

const ROOT = join(import.meta.dirname, '../../..')
const text = (file: string) => readFileSync(join(ROOT, file), 'utf8')

test('there are 46, numbered as the list of them is, and each is shown by something', () => {
  expect(TRAPS.map(({ name }) => Number(name.slice(0, 2)))).toEqual(Array.from({ length: 46 }, (_, at) => at + 1))
  for (const { name, tries, shownBy, open } of TRAPS) {
    expect(tries.length + Object.keys(shownBy).length + (open === undefined ? 0 : 1), name).toBeGreaterThan(0)
  }
})

describe.each(TRAPS)('$name', ({ tries, shownBy, open, files, manifest }) => {
  test('every manifest is used, and every test and sentence that it names is there', () => {
    const used = tries.map(({ request }) =>
      'create' in request ? request.create : 'patch' in request ? request.patch : undefined,
    )
    expect(files.filter((file) => !used.includes(file))).toEqual([])
    for (const [file, sentences] of Object.entries(shownBy)) {
      expect(existsSync(join(ROOT, file)), file).toBe(true)
      for (const sentence of sentences) expect(titlesIn(text(file)), `${file}: ${sentence}`).toContain(sentence)
    }
    if (open !== undefined) expect(text(open.page).replace(/\s+/g, ' ')).toContain(open.says)
  })

  for (const attempt of tries) {
    const { request, outcome: expected } = attempt
    const pod = 'create' in request && request.on === undefined ? manifest(request.create) : {}
    if (!('create' in request) || !isLabelledPod(pod) || 'saying' in expected) continue
    test(sentenceOf(attempt), () => {
      const about = { namespace: request.in, operation: 'CREATE' } as const
      const stages: Record<string, () => readonly string[]> = {
        mutate: () => outcome(ask(pod, { ...about, stage: 'mutate' })),
        validate: () => outcome(ask(pod, { ...about, stage: 'validate' })),
        broker: () =>
          outcome(ask(withForcedSidecar(pod, INJECTION), { ...about, stage: 'running' } as Partial<Admission>)),
      }
      if (!('by' in expected)) {
        expect([stages['mutate']?.(), stages['broker']?.()]).toEqual([['admit'], ['admit']])
        return
      }
      const deniers = Object.keys(stages).filter((name) => stages[name]?.().includes(expected.denied))
      expect(deniers).toEqual(Object.keys(stages).filter((name) => expected.by.includes(name)))
    })
  }
})

/** As they are written: what is said in `test('…')`, in `it('…')`, and in `describe('…')`. */
function titlesIn(code: string): string[] {
  return [...code.matchAll(/\b(?:test|it|describe)(?:\.each\([^)]*\))?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs)].map(
    ([, , title = '']) => title.replace(/\\(.)/g, '$1'),
  )
}

function isLabelledPod({ kind, metadata }: JsonObject): boolean {
  return kind === 'Pod' && 'kerbside.io/identity' in Object(Object(metadata).labels)
}
