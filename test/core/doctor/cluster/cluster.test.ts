/** Each thing that may be wrong with an installation is named, with what to do; an installation as it should be is well. */
import { describe, expect, test } from 'vitest'
import { lookAtAnswer } from '../../../../src/core/doctor/cluster/answer.ts'
import { lookAtGuards } from '../../../../src/core/doctor/cluster/guards.ts'
import { lookAtOrder } from '../../../../src/core/doctor/cluster/order.ts'
import { lookAtPrograms } from '../../../../src/core/doctor/cluster/programs.ts'
import { lookAtRights } from '../../../../src/core/doctor/cluster/rights.ts'
import { lookAtTrust } from '../../../../src/core/doctor/cluster/trust.ts'
import { lookAtWebhooks } from '../../../../src/core/doctor/cluster/webhooks.ts'
import type { Said } from '../../../../src/core/doctor/finding.ts'
import { BROKEN, mutating, other } from './broken.ts'
import { EXPECTED, installation, theOne, type World } from './installation.ts'

type Look = (world: World) => readonly Said[]

const LOOKS = {
  webhooks: (world) => lookAtWebhooks(EXPECTED, world),
  order: (world) => lookAtOrder(EXPECTED, world),
  guards: (world) => lookAtGuards(EXPECTED, world),
  programs: (world) => lookAtPrograms(EXPECTED, world),
  rights: (world) => lookAtRights(EXPECTED, world, 'kerbside'),
} as const satisfies Record<string, Look>
type Name = keyof typeof LOOKS

const told = (said: readonly Said[]) =>
  said
    .filter(({ state }) => state !== 'ok')
    .map(({ state, about, says }) => `${state} ${about === undefined ? '' : `${about}: `}${says}`)

test.each(Object.keys(LOOKS) as Name[])('%s: as the manifests have it, all is well', (name) => {
  const said = LOOKS[name](installation())
  expect(told(said)).toEqual([])
  expect(said.length).toBeGreaterThan(0)
})

describe('told of', () => {
  test.each(BROKEN)('%s', (_, name, breakIt, wanted) => {
    const world = installation()
    breakIt(world)
    const said = LOOKS[name](world)
    const bad = told(said)
    expect(bad).toHaveLength(wanted.length)
    for (const [index, line] of wanted.entries()) expect(bad[index]).toMatch(line)
    for (const { state, advice } of said) if (state !== 'ok') expect(advice).toMatch(/kubectl|deploy\/|when it only/)
  })

  test('a binding beside ours, the more so for the whole cluster', () => {
    const world = installation()
    const binding = { metadata: { name: 'extra', namespace: 'hdfs' }, roleRef: { name: 'edit' }, subjects: [SUBJECT] }
    world.roleBindings.push(binding)
    expect(told(LOOKS.rights(world))).toEqual(['warn extra: it gives one of our service accounts `edit` in `hdfs`'])
    world.clusterRoleBindings.push(binding)
    expect(told(LOOKS.rights(world))[0]).toMatch(/^fail extra: .* the ClusterRole `edit` as well, everywhere$/)
  })

  test('a binding of somebody with the same name elsewhere is none of ours', () => {
    const world = installation()
    const subjects = [{ ...SUBJECT, namespace: 'elsewhere' }]
    world.clusterRoleBindings.push({ metadata: { name: 'extra' }, roleRef: { name: 'edit' }, subjects })
    expect(told(LOOKS.rights(world))).toEqual([])
  })
})

const SUBJECT = { kind: 'ServiceAccount', name: 'kerbside-broker', namespace: 'kerbside' }

describe('not told of', () => {
  test.each([
    ['that comes before ours', other('0-first')],
    [
      'that leaves out our pods',
      other('z', { objectSelector: { matchExpressions: [{ key: 'kerbside.io/identity', operator: 'DoesNotExist' }] } }),
    ],
    [
      'of other objects',
      other('z', {
        rules: [{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], operations: ['*'] }],
      }),
    ],
    [
      'of pods that are deleted',
      other('z', { rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['DELETE'] }] }),
    ],
  ])('a webhook %s', (_, configuration) => {
    const world = installation()
    world.mutatingWebhooks.push(configuration)
    expect(told(LOOKS.order(world))).toEqual([])
  })

  test('white space in a guard, and what the API server fills in', () => {
    const world = installation()
    for (const policy of world.policies) {
      policy.spec.matchConstraints.matchPolicy = 'Equivalent'
      for (const one of policy.spec.validations) one.expression = one.expression.replaceAll(' ', '\n  ')
    }
    mutating(world).namespaceSelector = {}
    expect([...told(LOOKS.guards(world)), ...told(LOOKS.webhooks(world))]).toEqual([])
  })

  test.each([[['*', '*/*']], [['pods', 'pods/*']], [['*/*']]])('a guard that is asked about more: %j', (resources) => {
    const world = installation()
    Object.assign(theOne(world.policies, 'kerbside-label').spec.matchConstraints.resourceRules[0], {
      ...{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], scope: '*' },
      resources,
    })
    expect(told(LOOKS.guards(world))).toEqual([])
  })
})

describe('trust', () => {
  const NOW = 1_795_632_000_000
  const DAY = 86_400_000
  const authority = (fingerprint: string, days: number) => ({ fingerprint, endsAt: NOW + days * DAY })
  const look = (
    bundle: readonly ReturnType<typeof authority>[] | undefined,
    signing?: ReturnType<typeof authority>[],
    args = ['webhook', '--tls-secret=kerbside-ca'],
  ) => {
    const deployments = [{ spec: { template: { spec: { containers: [{ args }] } } } }]
    return lookAtTrust({ bundles: new Map([['a-kerbside', bundle]]), signing, deployments }, NOW)[0]
  }

  test('is there when one of ours is in the bundle, for long', () => {
    expect(look([authority('A', 3000)], [authority('A', 3000)])).toMatchObject({
      state: 'ok',
      says: '1 authority, for 3000 d',
    })
    expect(look([authority('A', 10), authority('B', 3000)], [authority('B', 3000)])?.state).toBe('ok')
    expect(look([authority('A', 3000)])?.state).toBe('ok')
  })

  test('is another’s where certificates come from elsewhere, whatever we signed by before', () => {
    const [theirs, before] = [[authority('X', 90)], [authority('A', 3000)]]
    expect(look(theirs, before, ['webhook', '--tls-files=/etc/kerbside/tls'])?.state).toBe('ok')
    expect(look(theirs, before)?.state).toBe('fail')
  })

  test.each([
    ['none', [], undefined, 'fail', /no caBundle/],
    ['text', undefined, undefined, 'fail', /is not certificates/],
    ['an expired one', [authority('A', -2)], undefined, 'fail', /expired 2 d ago/],
    ['one that ends', [authority('A', 20)], undefined, 'warn', /ends in 20 d/],
    ['a stranger', [authority('X', 900)], [authority('A', 900)], 'fail', /another authority/],
  ] as const)('is not when there is %s', (_, bundle, signing, state, says) => {
    expect(look(bundle, signing === undefined ? undefined : [...signing])).toMatchObject({
      state,
      says: expect.stringMatching(says),
    })
  })
})

describe('the answer to a pod that must be refused', () => {
  test.each([
    ['by us', 403, 'admission webhook "mutate.kerbside.io" denied the request: [unknown-identity] …', 'ok', /by name/],
    ['by nobody', 201, '', 'fail', /we were not asked/],
    [
      'as nobody answers',
      500,
      'Internal error occurred: failed calling webhook "mutate.kerbside.io": no endpoints available',
      'fail',
      /no endpoints/,
    ],
    [
      'as no certificate holds',
      500,
      'failed calling webhook "m": x509: certificate signed by unknown authority',
      'fail',
      /x509/,
    ],
    ['for want of a policy', 403, 'denied the request: [no-policy] no usable policy', 'fail', /could not decide/],
    ['by somebody else', 403, 'pods "kerbside-doctor" is forbidden: exceeded quota', 'warn', /not by us/],
  ] as const)('%s', (_, status, message, state, says) => {
    expect(lookAtAnswer({ status, message })).toMatchObject({ state, says: expect.stringMatching(says) })
  })
})
