/** An import, feature by feature: what the documents say, and what the report says of the rest. From the side of whoever would gain. */
import { expect, test } from 'vitest'
import { RANGER_EXPORT } from '../../../../src/core/policy/ranger/export.ts'
import { importRanger } from '../../../../src/core/policy/ranger/import-ranger.ts'
import { readMapping } from '../../../../src/core/policy/ranger/principals.ts'
import { hdfs, NOW } from '../bundle-of.ts'
import { policyOf } from './imported-policy.ts'

const item = (types: string, who: object, more: object = {}) => ({
  accesses: types.split(' ').map((type) => ({ type, isAllowed: true })),
  ...who,
  ...more,
})
const RESEARCH = { groups: ['research'] }
const ALL = 'read write execute'
let number = 0
const policy = (paths: readonly string[], more: object = {}) => {
  number++
  const path = { values: paths, isRecursive: true }
  return { id: number, name: `policy of ${paths}`, service: 'hdfs', isEnabled: true, resources: { path }, ...more }
}
const MAPPED = ['user:alice=team:quant', 'group:research=team:quant', 'user:cleo=team:climate']

function imported(
  policies: readonly object[],
  { mapping = MAPPED, ...beside }: { mapping?: readonly string[] } & Record<string, unknown> = {},
) {
  const options = { mapping: readMapping(mapping), cluster: 'lab', owner: 'platform', service: 'hdfs' }
  const result = importRanger(RANGER_EXPORT.parse({ policies, ...beside }), options)
  const decide = policyOf(result)
  const told = (effect: string) => (team: string, action: 'read' | 'create', path: string) =>
    decide(team, { action, path: hdfs(path), scope: 'this' }, NOW).effect === effect
  const reasons = result.entries.flatMap(({ status, who, reason }) =>
    status === 'carried' ? [] : [`${who} ${reason}`],
  )
  return { ...result, allows: told('allow'), reasons }
}

test('an allow reaches through a nested policy of others', () => {
  const { allows, reasons } = imported([
    policy(['/data'], { policyItems: [item('read execute', RESEARCH)] }),
    policy(['/data/climate'], { policyItems: [item(ALL, { users: ['cleo'] })] }),
  ])
  expect(allows('quant', 'read', '/data/climate/x')).toBe(true)
  expect(allows('climate', 'create', '/data/climate/x')).toBe(true)
  expect(allows('climate', 'read', '/data/x')).toBe(false)
  expect(reasons).toEqual([])
})

test('a deny cuts every allow around it, and its exceptions are people', () => {
  const { allows } = imported([
    policy(['/data'], { policyItems: [item(ALL, { groups: ['public'] })] }),
    policy(['/data/wall'], {
      denyPolicyItems: [item(ALL, { groups: ['public'] })],
      denyExceptions: [item(ALL, { users: ['cleo'] })],
    }),
  ])
  expect(allows('quant', 'read', '/data/wall/x')).toBe(false)
  expect(allows('quant', 'read', '/data/wallet')).toBe(true)
  expect(allows('climate', 'create', '/data/wall/x')).toBe(true)
})

test.each([
  ['a wildcard', { resources: { path: { values: ['/data/*/secret'], isRecursive: true } } }, 'wildcard'],
  ['the path of each user', { resources: { path: { values: ['/data/{USER}'], isRecursive: true } } }, 'macro'],
  ['everything but a path', { resources: { path: { values: ['/ref'], isExcludes: true } } }, 'excludes'],
  ['a path and not below it', { resources: { path: { values: ['/data'] } } }, 'not-recursive'],
  ['a condition', { conditions: [{ type: 'ip-range', values: ['10.0.0.0/8'] }] }, 'condition'],
  ['a recurrence', { validitySchedules: [{ recurrences: [{}] }] }, 'recurrence'],
  ['a field of tomorrow', { onlyFrom: 'prod' }, 'unknown-field'],
  ['a tag', { serviceType: 'tag', service: 'tags', denyPolicyItems: [item('hdfs:read', RESEARCH)] }, 'tag-policy'],
  ['a role that is not in the export', { denyPolicyItems: [item(ALL, { roles: ['ghost'] })] }, 'unknown-role'],
  ['a group of which nothing is said', { denyPolicyItems: [item(ALL, { groups: ['interns'] })] }, 'unmapped-principal'],
  ['the owner of a file', { denyPolicyItems: [item(ALL, { users: ['{OWNER}'] })] }, 'owner-macro'],
  ['an access that HDFS does not have', { denyPolicyItems: [item('_ALL', RESEARCH)] }, 'unknown-access'],
])('a deny by %s takes the allow with it', (_, deny, reason) => {
  const { allows, reasons } = imported([
    policy(['/data'], { policyItems: [item('read execute', RESEARCH)] }),
    policy(['/data'], { denyPolicyItems: [item('read', RESEARCH)], ...deny }),
  ])
  expect(allows('quant', 'read', '/data')).toBe(false)
  expect(reasons).toContain(`team:quant ${reason}`)
  expect(reasons).toContain('team:quant cut-by-deny')
})

test('a deny of a trailing `/*` holds below, and at the path as well', () => {
  const { allows, entries } = imported([
    policy(['/data'], { policyItems: [item('read execute', RESEARCH)] }),
    policy(['/data/wall/*'], { denyPolicyItems: [item('read', RESEARCH)] }),
  ])
  expect(allows('quant', 'read', '/data/wall/x')).toBe(false)
  expect(allows('quant', 'read', '/data/wall')).toBe(false)
  expect(entries.filter(({ status }) => status === 'stricter').map(({ extents }) => extents)).toEqual([
    [{ path: '/data/wall', reach: 'self' }],
  ])
})

test.each([
  ['read', 'read-without-execute'],
  ['read write', 'read-without-execute'],
  ['write execute', 'write-without-read'],
  ['execute', 'execute-alone'],
])('`%s` is not a preset of ours', (types, reason) => {
  const { grants, reasons } = imported([policy(['/data'], { policyItems: [item(types, RESEARCH)] })])
  expect(grants).toEqual([])
  expect(reasons).toEqual([`team:quant ${reason}`])
})

test('an allow that overrides wins over no deny of ours', () => {
  const { allows, reasons } = imported([
    policy(['/data/wall'], { policyPriority: 1, policyItems: [item('read execute', RESEARCH)] }),
    policy(['/data'], { denyPolicyItems: [item('read', RESEARCH)] }),
  ])
  expect(allows('quant', 'read', '/data/wall/x')).toBe(false)
  expect(reasons).toEqual(['team:quant beats-deny'])
})

test('a policy that denies all else denies whoever it does not allow', () => {
  const { allows } = imported([
    policy(['/'], { policyItems: [item(ALL, { groups: ['public'] })] }),
    policy(['/data'], { isDenyAllElse: true, policyItems: [item('read execute', { users: ['cleo'] })] }),
  ])
  expect(allows('climate', 'read', '/data/x')).toBe(true)
  expect(allows('climate', 'create', '/data/x')).toBe(false)
  expect(allows('quant', 'read', '/data/x')).toBe(false)
  expect(allows('quant', 'read', '/database')).toBe(true)
})

test('a disabled policy, one of another service and one that masks say nothing', () => {
  const { grants, reasons } = imported([
    policy(['/a'], { isEnabled: false, policyItems: [item(ALL, RESEARCH)] }),
    policy(['/b'], { service: 'hive', serviceType: 'hive', policyItems: [item(ALL, RESEARCH)] }),
    policy(['/c'], { policyType: 1, policyItems: [item(ALL, RESEARCH)] }),
  ])
  expect(grants).toEqual([])
  expect(reasons).toEqual([' disabled', ' other-service', ' other-type'])
})

test('who may edit a policy, its labels and its audit are no access, and are said to be left out', () => {
  const more = { policyLabels: ['pii', ''], isAuditEnabled: false }
  const items = [item('read execute', RESEARCH, { delegateAdmin: true })]
  const { allows, reasons } = imported([policy(['/data'], { policyItems: items, ...more })])
  expect(allows('quant', 'read', '/data/x')).toBe(true)
  expect(reasons).toEqual([' delegate-admin', ' labels', ' audit-off'])
})

test('roles hold users, groups and roles, and may hold each other', () => {
  const roles = [
    { name: 'outer', roles: [{ name: 'inner' }] },
    { name: 'inner', groups: [{ name: 'research' }], roles: [{ name: 'outer' }] },
  ]
  const policies = [policy(['/data'], { policyItems: [item('read execute', { roles: ['outer'] })] })]
  const { allows, reasons } = imported(policies, { roles })
  expect(allows('quant', 'read', '/data/x')).toBe(true)
  expect(allows('climate', 'read', '/data/x')).toBe(false)
  expect(reasons).toEqual([])
})

test('a security zone is judged by its own policies alone', () => {
  const zones = [{ name: 'lake', services: { hdfs: { resources: [{ path: ['/data/lake'] }] } } }]
  const policies = [
    policy(['/data'], { policyItems: [item(ALL, RESEARCH)] }),
    policy(['/data/lake/in'], { zoneName: 'lake', policyItems: [item('read execute', { users: ['cleo'] })] }),
  ]
  const { allows } = imported(policies, { zones })
  expect(allows('quant', 'read', '/data/lakeside')).toBe(true)
  expect(allows('quant', 'read', '/data/lake/in/x')).toBe(false)
  expect(allows('climate', 'read', '/data/lake/in/x')).toBe(true)
})

test('a zone that is not in the export could be anywhere, so that nothing is carried', () => {
  const { grants, reasons } = imported([
    policy(['/data'], { policyItems: [item(ALL, RESEARCH)] }),
    policy(['/ref'], { zoneName: 'lake', policyItems: [item(ALL, RESEARCH)] }),
  ])
  expect(grants).toEqual([])
  expect(reasons).toContain('team:quant unknown-zone')
  expect(reasons).toContain('team:quant cut-by-deny')
})

test('two users of one team carry over what both have', () => {
  const mapping = ['user:alice=team:quant', 'user:bob=team:quant']
  const { allows, reasons } = imported(
    [
      policy(['/both'], { policyItems: [item('read execute', { users: ['alice', 'bob'] })] }),
      policy(['/one'], { policyItems: [item('read execute', { users: ['alice'] })] }),
      policy(['/both/not'], { denyPolicyItems: [item(ALL, { users: ['bob'] })] }),
    ],
    { mapping },
  )
  expect(allows('quant', 'read', '/both/x')).toBe(true)
  expect(allows('quant', 'read', '/one/x')).toBe(false)
  expect(allows('quant', 'read', '/both/not/x')).toBe(false)
  expect(reasons).toContain('team:quant members-differ')
})

test('a policy called as another one, or as nothing that a name may be, still gets a name', () => {
  const named = (name: string, path: string) => policy([path], { name, policyItems: [item('read execute', RESEARCH)] })
  const { grants } = imported([
    named('Märkte / EU', '/a'),
    named('märkte-eu', '/b'),
    named('日本', '/c'),
    named('x'.repeat(99), '/d'),
  ])
  expect(grants.map(({ metadata }) => metadata.name)).toEqual(['ma-rkte-eu', 'ma-rkte-eu-2', 'all', 'x'.repeat(57)])
})

test.each(['alice=team:quant', 'user:alice=quant', 'user:alice=group:x', 'user:=team:quant', 'user:a=team:No'])(
  '`%s` maps nobody',
  (line) => {
    expect(() => readMapping([line])).toThrow('does not map a principal')
  },
)

test('names of prototypes are names', () => {
  const { allows } = imported([policy(['/constructor'], { policyItems: [item(ALL, { groups: ['__proto__'] })] })], {
    mapping: ['group:__proto__=team:quant', 'group:constructor=team:climate'],
  })
  expect(allows('quant', 'read', '/constructor/x')).toBe(true)
  expect(allows('climate', 'read', '/constructor/x')).toBe(false)
})
