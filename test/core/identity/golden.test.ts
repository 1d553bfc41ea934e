/**
 * Golden cases: each file of test/fixtures/admission/evaluate, and of test/fixtures/workloads (pods as controllers make them), is a
 * sentence, a pod and what is asked, a rule, and the verdict.
 * `vitest --update` rewrites what is below the rule; the diff is the review.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import type { Verdict } from '../../../src/core/identity/admission.ts'
import { type Json, type JsonObject, objectsAt, sameJson } from '../../../src/core/identity/json.ts'
import { sidecarContainer, sidecarVolumes } from '../../../src/core/identity/sidecar-container.ts'
import { ask, INJECTION } from './world.ts'

const FOLDERS = ['admission/evaluate', 'workloads'].map((name) => join(import.meta.dirname, '../../fixtures', name))
const RULE = '─'.repeat(80)

for (const path of FOLDERS.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))) {
  const [head = ''] = readFileSync(path, 'utf8').split(`${RULE}\n`)
  const [sentence = '', ...input] = head.split('\n')
  test(sentence, async () => {
    const { pod, old, inFull, namespaceLabels, ...about } = parse(input.join('\n')) as Record<string, Json>
    const labels =
      namespaceLabels === undefined
        ? {}
        : { namespaceLabels: new Map(Object.entries(namespaceLabels as Record<string, string>)) }
    const verdict = ask(pod, { ...about, ...labels, ...(old === undefined ? {} : { old }) })
    await expect(`${head}${RULE}\n${told(verdict, inFull === true)}`).toMatchFileSnapshot(path)
  })
}

function told(verdict: Verdict, inFull: boolean): string {
  if (verdict.effect === 'deny') {
    return ['deny', ...verdict.denials.map(({ reason, message }) => `[${reason}] ${message}`), ''].join('\n')
  }
  const additions = verdict.patch.map(({ path, value }) =>
    stringify({ [`+ ${path}`]: inFull ? value : abbreviated(value, verdict.identity) }, { lineWidth: 0 }),
  )
  const warnings = verdict.warnings.map((warning) => `! ${warning}\n`)
  return [`admit ${verdict.identity}\n`, ...additions, ...warnings].join('')
}

const otherVariables = (given: JsonObject, usual: JsonObject): readonly JsonObject[] =>
  objectsAt(given, 'env').filter((each) => !objectsAt(usual, 'env').some((ours) => sameJson(each, ours)))

/** The sidecar and its volumes by name: one case shows them in full. */
function abbreviated(value: Json, identity: string): Json {
  if (Array.isArray(value)) return value.map((each) => abbreviated(each, identity))
  const [usual, given] = [sidecarContainer({ ...INJECTION.current, room: 'none' }, identity), value as JsonObject]
  if (given['image'] === usual['image']) {
    const other = Object.entries(given)
      .filter(([field, each]) => !sameJson(each, usual[field]))
      .map(([field, each]) => [field, field === 'env' ? otherVariables(given, usual) : each])
    return other.length === 0 ? 'THE SIDECAR' : { 'THE SIDECAR, but': Object.fromEntries(other) }
  }
  const volume = sidecarVolumes(INJECTION.current).find((each) => sameJson(each, value))
  return volume === undefined ? value : `THE VOLUME ${String(volume['name'])}`
}
