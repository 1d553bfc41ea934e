/** What deploy/manifests says about admission, as it stands in the files; what the API server makes of it, test/e2e/admission shows. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { DANGEROUS_CAPABILITIES } from '../../src/core/identity/checks/container-rights.ts'
import type { JsonObject } from '../../src/core/identity/json.ts'
import { objectAt, objectsAt, textAt } from '../../src/core/identity/json.ts'
import { SIDECAR_USER } from '../../src/core/identity/sidecar-container.ts'
import { ADMISSION_REASONS } from '../../src/core/reasons.ts'

const text = (file: string) => readFileSync(join(import.meta.dirname, '../../deploy/manifests', file), 'utf8')
const documents = (file: string) => parseAllDocuments(text(file)).map((document) => document.toJS() as JsonObject)
const ofKind = (kind: string, file: string) => documents(file).filter((document) => document['kind'] === kind)
const nameOf = (document: JsonObject) => textAt(objectAt(document, 'metadata'), 'name')

const webhooks = documents('50-admission.yaml').flatMap((document) => objectsAt(document, 'webhooks'))
const policies = ofKind('ValidatingAdmissionPolicy', '60-guards.yaml')
const bindings = ofKind('ValidatingAdmissionPolicyBinding', '60-guards.yaml')

test('no label of a namespace decides whether a pod is looked at', () => {
  expect(webhooks.length).toBe(2)
  const label = { matchExpressions: [{ key: 'kerbside.io/identity', operator: 'Exists' }] }
  for (const each of webhooks) expect([each['namespaceSelector'], each['objectSelector']]).toEqual([undefined, label])
  expect(policies.length).toBeGreaterThan(7)
  for (const policy of policies) {
    expect(objectAt(objectAt(policy, 'spec'), 'matchConstraints')['namespaceSelector']).toBeUndefined()
  }
  for (const binding of bindings) expect(objectAt(binding, 'spec')['matchResources']).toBeUndefined()
})

test('what cannot be asked denies', () => {
  for (const each of [...webhooks, ...policies.map((policy) => objectAt(policy, 'spec'))]) {
    expect(each['failurePolicy']).toBe('Fail')
  }
})

test('no webhook has an effect besides its answer', () => {
  for (const each of webhooks) expect(each['sideEffects']).toBe('None')
})

test('every policy is bound under its own name, to deny', () => {
  expect(bindings.map(nameOf)).toEqual(policies.map(nameOf))
  for (const binding of bindings) {
    const { policyName, validationActions } = objectAt(binding, 'spec')
    expect([policyName, validationActions]).toEqual([nameOf(binding), ['Deny']])
  }
})

test('every denial of a policy begins with a reason, and says what to change', () => {
  const messages = policies.flatMap((policy) => objectsAt(objectAt(policy, 'spec'), 'validations'))
  for (const { message } of messages) {
    const [, reason = ''] = /^\[([a-z-]+)\] [^;]+; .+/.exec(String(message)) ?? []
    expect(Object.keys(ADMISSION_REASONS), String(message)).toContain(reason)
  }
})

test('policies know the same capabilities and the same user as the webhook', () => {
  const [, names = ''] = /\^\(cap_\)\?\(([a-z_|]+)\)\$/.exec(text('60-guards.yaml')) ?? []
  expect(names.toUpperCase().split('|')).toEqual([...DANGEROUS_CAPABILITIES])
  expect(text('60-guards.yaml')).toContain(`orValue(0) != ${SIDECAR_USER}`)
})
