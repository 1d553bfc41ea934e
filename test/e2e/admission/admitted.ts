/** What becomes of a pod with an init container of its own, beside webhooks of others: admitted and served, or refused with a sentence. */
import { expect } from 'vitest'
import { evaluate } from '../../../src/core/identity/evaluate.ts'
import { toInjection } from '../../../src/core/identity/injection.ts'
import { type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { readInjection } from '../../../src/core/identity/read-injection.ts'
import { readPolicyDirectory } from '../../../src/io/policy/directory.ts'
import { INJECTION_FILE, type Installation } from './installation.ts'
import { POD } from './restricted-pod.ts'
import { asTenant, pods } from './tenant.ts'

export const PLAIN = { ...POD.spec, initContainers: [{ ...POD.spec.containers[0], name: 'prepare' }] }

export const create = (spec: object = PLAIN, metadata: object = POD.metadata) =>
  asTenant('POST', `${pods()}?dryRun=All`, { metadata: { name: 'train', ...metadata }, spec })

export async function refused(spec?: object, metadata?: object): Promise<string> {
  const { status, object } = await create(spec, metadata)
  expect(status, JSON.stringify(object)).toBe(403)
  return String(object['message'])
}

export const initContainersOf = (pod: JsonObject): readonly JsonObject[] =>
  objectsAt(objectAt(pod, 'spec'), 'initContainers')

/** Creates a pod that must be admitted, and that the broker of this installation would serve. */
export async function admitting(
  installation: Installation,
): Promise<(spec?: object, metadata?: object) => Promise<JsonObject>> {
  const read = await readPolicyDirectory('policies')
  if (!('bundle' in read)) throw new Error('the example policy is broken')
  const injection = toInjection(readInjection(INJECTION_FILE, 'test'), installation.ca)
  const about = { namespace: 'ml-quant', stage: 'running', operation: 'CREATE' } as const
  return async (spec, metadata) => {
    const { status, object } = await create(spec, metadata)
    expect(status, JSON.stringify(object)).toBe(201)
    expect(evaluate({ ...about, pod: object }, read.bundle, injection).effect).toBe('admit')
    return object
  }
}
