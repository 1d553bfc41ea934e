/** Beside webhooks of others, before ours and after it: a pod works, or is refused with what they did; it never runs without us. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evaluate } from '../../../src/core/identity/evaluate.ts'
import { toInjection } from '../../../src/core/identity/injection.ts'
import { type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { readInjection } from '../../../src/core/identity/read-injection.ts'
import { readPolicyDirectory } from '../../../src/io/policy/directory.ts'
import { INJECTION_FILE, type Installation, install } from './installation.ts'
import { podSecurity } from './layers.ts'
import { type Other, type OtherWebhooks, type Place, startOthers } from './other-webhooks.ts'
import { POD } from './restricted-pod.ts'
import { asTenant, pods } from './tenant.ts'

let installation: Installation
let others: OtherWebhooks
let isServed: (pod: JsonObject) => boolean

beforeAll(async () => {
  installation = await install()
  await podSecurity('privileged')
  others = await startOthers()
  const read = await readPolicyDirectory('policies')
  if (!('bundle' in read)) throw new Error('the example policy is broken')
  const injection = toInjection(readInjection(INJECTION_FILE, 'test'), installation.ca)
  const about = { namespace: 'ml-quant', stage: 'running', operation: 'CREATE' } as const
  isServed = (pod) => evaluate({ ...about, pod }, read.bundle, injection).effect === 'admit'
})
afterAll(async () => {
  await others?.stop()
  await podSecurity('restricted')
  await installation?.uninstall()
})

const PLAIN = { ...POD.spec, initContainers: [{ ...POD.spec.containers[0], name: 'prepare' }] }
const create = (spec: object = PLAIN, labels: object = POD.metadata.labels) =>
  asTenant('POST', `${pods()}?dryRun=All`, { metadata: { name: 'train', labels }, spec })

/** Names of init containers of the pod that was admitted, and no more than that was admitted. */
async function admitted(spec?: object, labels?: object): Promise<unknown[]> {
  const { status, object } = await create(spec, labels)
  expect(status, JSON.stringify(object)).toBe(201)
  expect(isServed(object)).toBe(true)
  return objectsAt(objectAt(object, 'spec'), 'initContainers').map(({ name }) => name)
}

async function refused(spec?: object, labels?: object): Promise<string> {
  const { status, object } = await create(spec, labels)
  expect(status, JSON.stringify(object)).toBe(403)
  return String(object['message'])
}

const beside = (other: Other, place: Place, then: () => Promise<void>) =>
  test(`${place} ours`, async () => {
    await others.only(other, place)
    await then()
  })

describe('one with types from before native sidecars', () => {
  const told = async () => {
    const message = await refused()
    expect(message).toContain('[sidecar-differs] container `kerbside` (restartPolicy)')
    expect(message).toContain('a webhook that does not know sidecars removed `restartPolicy`')
  }
  beside('types-of-old', 'before', async () => expect(await admitted()).toEqual(['kerbside', 'prepare']))
  beside('types-of-old', 'after', told)
})

describe('one that gives variables and a service account, as PodDefaults do', () => {
  const anonymous = { ...PLAIN, serviceAccountName: 'default' }
  beside('pod-default', 'before', async () => {
    expect(await admitted()).toEqual(['kerbside', 'prepare'])
    expect(await admitted(anonymous)).toEqual(['kerbside', 'prepare'])
  })
  beside('pod-default', 'after', async () => {
    expect(await admitted()).toEqual(['kerbside', 'prepare'])
    expect(await refused(anonymous)).toContain('[not-allowed]')
  })
  test.each(['before', 'after'] as const)(
    'is refused when the service account that it sets may not use the identity',
    async (place) => {
      await others.only('pod-default-with-another-account', place)
      expect(await refused()).toContain('set serviceAccountName to `trainer` instead of `default`')
    },
  )
})

describe('one that gives every container a proxy', () => {
  beside('proxy-for-everybody', 'before', async () => expect(await admitted()).toEqual(['kerbside', 'prepare']))
  test('is refused when it gives the sidecar variables, which it names', async () => {
    await others.only('proxy-for-everybody', 'after')
    const message = await refused()
    expect(message).toContain('[sidecar-differs] container `kerbside` (env HTTPS_PROXY)')
    expect(message).toContain('if they are not in it, another webhook changed them')
  })
})

describe('a mesh that puts itself first', () => {
  for (const place of ['before', 'after'] as const) {
    beside('mesh', place, async () => expect(await admitted()).toEqual(['istio-proxy', 'kerbside', 'prepare']))
  }
  test.each(['before', 'after'] as const)(
    'and reroutes the network itself is refused by the name of its container',
    async (place) => {
      await others.only('mesh-that-reroutes', place)
      expect(await refused()).toContain('[dangerous-capability] container `istio-init`')
    },
  )
})

describe('one that turns the init containers round', () => {
  beside('backwards-init-containers', 'before', async () => expect(await admitted()).toEqual(['kerbside', 'prepare']))
  beside('backwards-init-containers', 'after', async () => expect(await admitted()).toEqual(['prepare', 'kerbside']))
})

describe('a mirror that rewrites images', () => {
  beside('mirror', 'before', async () => expect(await admitted()).toEqual(['kerbside', 'prepare']))
  beside('mirror', 'after', async () =>
    expect(await refused()).toContain('[sidecar-differs] container `kerbside` (image)'),
  )
})

describe('one that brings the label to pods without it', () => {
  beside('label-for-everybody', 'before', async () =>
    expect(await admitted(PLAIN, {})).toEqual(['kerbside', 'prepare']),
  )
  test('is refused when it brings the label itself, after ours was passed by', async () => {
    await others.only('label-for-everybody', 'after')
    const message = await refused(PLAIN, {})
    expect(message).toContain('[sidecar-missing]')
    expect(message).toContain('put the label on the pod template')
  })
})
