/** Two pods of one identity, and slices that differ by what grants ask of pods: from the live pod to the line that is sent. */
import { PassThrough } from 'node:stream'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from '../../src/broker/caller.ts'
import { type SliceStreams, sliceStreams } from '../../src/broker/slice-streams.ts'
import { callersByTokenReview, type TokenReviewOptions } from '../../src/broker/token-review.ts'
import { IDENTITY_LABEL } from '../../src/core/identity/admission.ts'
import type { JsonObject } from '../../src/core/identity/json.ts'
import type { Bundle, Grant } from '../../src/core/policy/bundle.ts'
import { readSlice } from '../../src/core/policy/slice-line.ts'
import { HEAVY, INJECTION, injected, POD } from '../core/identity/world.ts'
import { bundleOf } from '../core/policy/bundle-of.ts'
import { claims, type Issuer, makeIssuer, rightClaims } from './tokens.ts'

let issuer: Issuer
beforeAll(async () => {
  issuer = await makeIssuer()
})

const NIGHTLY = [{ key: 'schedule', operator: 'In' as const, values: ['nightly'] }]
const grant = (name: string, more: Partial<Grant>) => ({
  name,
  datasets: ['market'],
  actions: ['read'] as const,
  ...more,
})
const BUNDLE = bundleOf({ market: { prefixes: ['/data/market'] } }, [
  grant('everyone', {}),
  grant('nightly-only', { pods: { selector: NIGHTLY } }),
  grant('in-ml-quant', { pods: { namespaces: ['ml-quant'] } }),
  grant('in-another', { pods: { namespaces: ['ml-other'] } }),
  grant('not-nightly', { effect: 'deny', pods: { selector: NIGHTLY } }),
])

const POD_UID = Object(rightClaims()['kubernetes.io']).pod.uid
/** As it lives: injected, and with labels that a person gave it. */
const live = (labels: Record<string, string>): JsonObject => {
  const metadata = { name: 'train-0', uid: POD_UID, labels: { [IDENTITY_LABEL]: 'quant-research', ...labels } }
  return { ...injected(POD), metadata, status: { phase: 'Running' } }
}

type World = { readonly pod: JsonObject; readonly namespace?: unknown; readonly bundle?: Bundle }

/** What the API server would be asked, answered from values: the real one is asked in test/e2e/broker. */
const apiOf = ({ pod, namespace }: World): TokenReviewOptions['api'] => ({
  reviewToken: async () => ({
    authenticated: true,
    audiences: ['kerbside.io'],
    user: {
      username: 'system:serviceaccount:ml-quant:trainer',
      extra: {
        'authentication.kubernetes.io/pod-name': ['train-0'],
        'authentication.kubernetes.io/pod-uid': [POD_UID],
      },
    },
  }),
  readPod: async () => pod,
  readNamespace: async () => namespace,
})

async function recognise(world: World, identity = 'quant-research') {
  const bundle = () => world.bundle ?? BUNDLE
  const ask = callersByTokenReview({ api: apiOf(world), bundle, injection: () => INJECTION, clock: Date.now })
  return ask({ token: await issuer.sign(claims()), identity })
}

async function callerIn(world: World, identity?: string): Promise<Caller> {
  const caller = await recognise(world, identity)
  if ('reason' in caller) throw new Error(`${caller.reason}: ${caller.detail}`)
  return caller
}

const streamsOf = (bundle: Bundle): SliceStreams => {
  const streams = sliceStreams(Date.now, { sent: () => {}, revoked: () => {} })
  streams.update(bundle)
  return streams
}
/** Names of the grants in the slice that a caller is sent. */
function grantsOf(streams: SliceStreams, caller: Caller): readonly string[] {
  const out = new PassThrough()
  streams.open(caller, () => out)
  return readSlice(String(out.read()).trim()).grants.map(({ name }) => name)
}

describe('two pods of one identity', () => {
  it('get slices by their labels and their namespace', async () => {
    const [nightly, other] = [await callerIn({ pod: live({ schedule: 'nightly' }) }), await callerIn({ pod: live({}) })]
    const streams = streamsOf(BUNDLE)
    expect(grantsOf(streams, nightly)).toEqual(['everyone', 'nightly-only', 'in-ml-quant', 'not-nightly'])
    expect(grantsOf(streams, other)).toEqual(['everyone', 'in-ml-quant'])
    expect(grantsOf(streams, nightly)).toContain('nightly-only')
    streams.end()
  })

  it('keep the labels of when their stream began, for every later bundle', async () => {
    const caller = await callerIn({ pod: live({ schedule: 'nightly' }) })
    const streams = streamsOf(BUNDLE)
    const out = new PassThrough()
    streams.open(caller, () => out)
    out.read()
    const grants = BUNDLE.grants.map((grant) => ({ ...grant, at: 'moved.yaml:1' }))
    streams.update({ ...BUNDLE, hash: 'sha256:next', grants })
    const slice = readSlice(String(out.read()).trim())
    expect([slice.bundle, slice.grants.map(({ name }) => name)]).toEqual([
      'sha256:next',
      ['everyone', 'nightly-only', 'in-ml-quant', 'not-nightly'],
    ])
    streams.end()
  })

  it('where labels are not known, as by public keys alone: the allow is left out, the deny kept', async () => {
    const { podLabels: _, ...unknown } = await callerIn({ pod: live({ schedule: 'nightly' }) })
    const streams = streamsOf(BUNDLE)
    expect(grantsOf(streams, unknown)).toEqual(['everyone', 'in-ml-quant', 'not-nightly'])
    streams.end()
  })
})

describe('an identity for labelled namespaces', () => {
  const selector = [{ key: 'stage', operator: 'In' as const, values: ['sandbox'] }]
  const identity = BUNDLE.identities.get('quant-research') ?? HEAVY
  const bundle: Bundle = {
    ...BUNDLE,
    identities: new Map([
      ['quant-research', { ...identity, allowedFor: [{ namespaceSelector: selector, serviceAccounts: ['trainer'] }] }],
    ]),
  }
  const namespace = (labels?: Record<string, string>) => ({
    metadata: { name: 'ml-quant', ...(labels ? { labels } : {}) },
  })

  it('is served to a pod whose namespace carries the label', async () => {
    const caller = await callerIn({ pod: live({}), namespace: namespace({ stage: 'sandbox' }), bundle })
    const streams = streamsOf(bundle)
    expect(grantsOf(streams, caller)).toContain('everyone')
    streams.end()
  })

  it.each([
    ['carries another', namespace({ stage: 'production' })],
    ['carries none', namespace()],
    ['is not there', undefined],
  ])('is refused to one whose namespace %s', async (_, given) => {
    expect(await recognise({ pod: live({}), namespace: given, bundle })).toMatchObject({ reason: 'pod-refused' })
  })

  it('is not served where nobody looked at the namespace', async () => {
    const { namespaceLabels: _, ...unknown } = await callerIn({
      pod: live({}),
      namespace: namespace({ stage: 'sandbox' }),
      bundle,
    })
    const streams = streamsOf(bundle)
    expect(streams.open(unknown, () => new PassThrough())).toMatchObject({ reason: 'pod-refused' })
    streams.end()
  })
})

describe('a pod that runs', () => {
  it('is served on when the settings of its identity have changed since', async () => {
    const changed = {
      ...(BUNDLE.identities.get('quant-research') ?? HEAVY),
      tokenSeconds: 600,
      sidecar: HEAVY.sidecar ?? {},
    }
    const bundle: Bundle = { ...BUNDLE, identities: new Map([['quant-research', changed]]) }
    expect(await recognise({ pod: live({}), bundle })).toMatchObject({ pod: 'train-0' })
  })
})
