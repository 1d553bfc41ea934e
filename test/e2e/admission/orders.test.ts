/** Beside webhooks of others, before ours and after it: a pod works, or is refused with what they did; it never runs without us. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../src/core/identity/json.ts'
import { admitting, initContainersOf, PLAIN, refused } from './admitted.ts'
import { type Installation, install } from './installation.ts'
import { podSecurity } from './layers.ts'
import { type Other, type OtherWebhooks, type Place, startOthers } from './other-webhooks.ts'

let installation: Installation
let others: OtherWebhooks
let admit: (spec?: object, metadata?: object) => Promise<JsonObject>

beforeAll(async () => {
  installation = await install()
  await podSecurity('privileged')
  others = await startOthers()
  admit = await admitting(installation)
})
afterAll(async () => {
  await others?.stop()
  await podSecurity('restricted')
  await installation?.uninstall()
})

/** Names of init containers of the pod that was admitted, and no more than that was admitted. */
const admitted = async (spec?: object, metadata?: object) =>
  initContainersOf(await admit(spec, metadata)).map(({ name }) => name)

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
