/** Generator of Ranger exports that miss nearly on purpose: siblings that begin alike, denies inside allows, schedules at the second. */
import fc from 'fast-check'

/** A prefix and its child, a sibling whose name begins alike, and what crowds around them. */
export const PATHS = [
  '/',
  '/data',
  '/data/sales',
  '/data/sales/eu',
  '/data/sales/eu/q1',
  '/data/salesforce',
  '/data/sales2',
  '/data/hr',
  '/ref',
  '/ref/sales',
] as const

/** Asked of: every prefix, a child and a grandchild of each. */
export const ASKED: readonly string[] = [
  ...new Set(
    PATHS.flatMap((path) => [path, ...['x', 'eu', 'x/y'].map((name) => `${path === '/' ? '' : path}/${name}`)]),
  ),
]

const CLEAR = fc.constantFrom(...PATHS.slice(1), '/data', '/data/sales', '/data/sales/eu')
const ODD = fc.constantFrom(
  ...[
    '/',
    '*',
    '/*',
    '/data/*',
    '/data/sales/*',
    '/data/sales/',
    '/data/sales*',
    '/data/*/eu',
    '/data/s?les',
    '/data/sales/eu/**',
  ],
  ...['/data/{USER}', 'data/sales', '/data//sales', '*/eu', '/data/sales/../hr', '/data/%41', ''],
)
const value = fc.oneof({ weight: 16, arbitrary: CLEAR }, ODD)

/** Mostly true, or the test would be about little else. */
const rarely = <T>(it: T, otherwise: T, one = 12) =>
  fc.oneof({ weight: one, arbitrary: fc.constant(otherwise) }, { weight: 1, arbitrary: fc.constant(it) })

const resource = fc.record({
  path: fc.record({
    values: fc.array(value, { minLength: 1, maxLength: 3 }),
    isRecursive: rarely(false, true, 20),
    isExcludes: rarely(true, false, 40),
  }),
})

export const USERS = ['alice', 'bob', 'carol', 'dave'] as const
export const GROUPS = ['research', 'trading', 'interns', 'finance'] as const

const accesses = fc
  .oneof(
    { weight: 4, arbitrary: fc.constant(['read', 'execute']) },
    { weight: 4, arbitrary: fc.constant(['read', 'write', 'execute']) },
    { weight: 1, arbitrary: fc.subarray(['read', 'write', 'execute'], { minLength: 1 }) },
    { weight: 1, arbitrary: fc.constantFrom(['_ALL'], ['Read', 'execute'], ['delete', 'read']) },
  )
  .map((types) => types.map((type) => ({ type, isAllowed: true })))
const denied = fc
  .oneof(fc.constant(['write']), fc.subarray(['read', 'write', 'execute'], { minLength: 1 }))
  .map((types) => types.map((type) => ({ type, isAllowed: true })))

const itemOf = (accessTypes: typeof accesses) =>
  fc.record({
    accesses: accessTypes,
    users: fc.oneof(
      { weight: 8, arbitrary: fc.subarray([...USERS], { maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constantFrom(['{USER}'], ['{OWNER}']) },
    ),
    groups: fc.oneof(
      { weight: 8, arbitrary: fc.subarray([...GROUPS], { maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constant(['public']) },
    ),
    roles: fc.oneof(
      { weight: 20, arbitrary: fc.constant([] as string[]) },
      { weight: 8, arbitrary: fc.subarray(['analyst', 'lead', 'circle'], { maxLength: 1 }) },
      { weight: 1, arbitrary: fc.constant(['ghost']) },
    ),
    delegateAdmin: fc.boolean(),
  })

/** `lead` holds `analyst`; `circle` and `lead` may hold each other. */
const roles = fc
  .record({
    users: fc.subarray([...USERS], { maxLength: 1 }),
    groups: fc.subarray([...GROUPS], { maxLength: 1 }),
    closes: fc.boolean(),
  })
  .map(({ users, groups, closes }) => [
    { name: 'analyst', users: users.map((name) => ({ name })), groups: [], roles: [] },
    {
      name: 'lead',
      users: [],
      groups: groups.map((name) => ({ name })),
      roles: [{ name: 'analyst' }, ...(closes ? [{ name: 'circle' }] : [])],
    },
    { name: 'circle', users: [], groups: [], roles: [{ name: 'lead' }] },
  ])

/** The second that a schedule of the generator begins or ends in, as wall time in any zone. */
const SECONDS = ['2026/03/01 08:00:00', '2026/03/01 08:00:01', '2026/06/30 23:59:59', '2026/07/01 00:00:00'] as const
const ZONES = ['', 'UTC', 'Europe/Zurich', 'America/New_York', 'Asia/Kolkata'] as const
const schedule = fc.record({
  startTime: fc.oneof(fc.constant(''), fc.constantFrom(...SECONDS)),
  endTime: fc.oneof(fc.constant(''), fc.constantFrom(...SECONDS)),
  timeZone: fc.constantFrom(...ZONES),
  recurrences: rarely<object[]>(
    [{ schedule: { minute: '0', hour: '8', dayOfMonth: '*', month: '*', year: '*' }, interval: { hours: 9 } }],
    [],
    20,
  ),
})

/** Every such second in every such zone, the millisecond before and after, and a day without an edge. */
export const TIMES: readonly number[] = [
  Date.UTC(2026, 4, 1),
  ...SECONDS.flatMap((text) =>
    [0, -60, -120, 300, 240, -330].flatMap((minutes) => {
      const wall = Date.parse(`${text.replaceAll('/', '-').replace(' ', 'T')}Z`)
      return [-1, 0, 1, 1000].map((milliseconds) => wall + minutes * 60_000 + milliseconds)
    }),
  ),
]

const few = <T>(item: fc.Arbitrary<T>, maxLength = 2) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.constant([] as T[]) },
    { weight: 1, arbitrary: fc.array(item, { minLength: 1, maxLength }) },
  )

const policy = fc.record({
  service: fc.constant('hdfs'),
  isEnabled: rarely(false, true),
  policyType: fc.constant(0),
  policyPriority: rarely(1, 0, 9),
  isDenyAllElse: rarely(true, false, 15),
  zoneName: fc.oneof({ weight: 12, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constant('lake') }),
  resources: resource,
  additionalResources: few(resource, 1),
  policyItems: fc.array(itemOf(accesses), { maxLength: 2 }),
  denyPolicyItems: few(itemOf(denied)),
  allowExceptions: few(itemOf(denied), 1),
  denyExceptions: few(itemOf(denied), 1),
  validitySchedules: few(schedule),
  conditions: rarely<object[]>([{ type: 'ip-range', values: ['10.0.0.0/8'] }], [], 40),
})

const zones = fc.oneof(
  { weight: 3, arbitrary: fc.constant([] as object[]) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('/data/sales', '/data/hr', '/ref', '/data/sales/*')
      .map((path) => [{ name: 'lake', services: { hdfs: { resources: [{ path: [path] }] } } }]),
  },
)

export const SUBJECTS = ['team:quant', 'team:climate'] as const

/** Where a principal of Ranger goes: two users of one team, and principals of whom nothing is said, are rare. */
const to = (principal: string, ...subjects: readonly string[]) =>
  fc
    .oneof(
      { weight: 12, arbitrary: fc.constantFrom(...subjects) },
      { weight: 1, arbitrary: fc.constantFrom('team:quant', 'team:climate', '') },
    )
    .map((subject) => `${principal}=${subject}`)

const mapping = fc
  .tuple(
    to('user:alice', 'team:quant'),
    to('user:bob', 'team:climate', 'team:climate', 'nobody'),
    to('user:carol', 'nobody'),
    to('user:dave', 'nobody'),
    ...GROUPS.map((name) => to(`group:${name}`, ...SUBJECTS, 'nobody')),
    // The engine learns of roles from the export alone, so that nobody can be said to have this one.
    rarely('role:ghost=', 'role:ghost=nobody'),
  )
  .map((lines) => lines.filter((line) => !line.endsWith('=')))

export const ranger = fc
  .record({ policies: fc.array(policy, { minLength: 1, maxLength: 7 }), roles, zones, mapping })
  .map(({ policies, mapping: lines, ...rest }) => ({
    mapping: lines,
    file: {
      metaDataInfo: { 'Ranger apache version': '2.9.0' },
      ...rest,
      policies: policies.map((one, index) => ({
        ...one,
        id: index + 1,
        name: `policy ${index + 1}`,
        // Ranger Admin writes no policy of a zone that does not exist.
        zoneName: rest.zones.length === 0 ? '' : one.zoneName,
      })),
    },
  }))
