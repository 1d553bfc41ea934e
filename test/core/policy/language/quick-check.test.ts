/** The quick yes says what the schema says, of good documents and of each that is one mistake away from them. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { KINDS, type Kind } from '../../../../src/core/policy/language/documents.ts'
import { quickCheck } from '../../../../src/core/policy/language/quick-check.ts'

const selector = () => ({
  matchLabels: { sensitivity: 'internal', 'example.org/stage': 'prod' },
  matchExpressions: [
    { key: 'domain', operator: 'In', values: ['prices', 'news'] },
    { key: 'draft', operator: 'DoesNotExist' },
  ],
})
const limits = () => ({ largestFile: '10Gi', largestReplication: 3, largestBlock: 268_435_456 })

/** Of each kind one that has every field. */
const SPECS: Readonly<Record<Kind, object>> = {
  HadoopCluster: {
    nameservice: 'lab',
    nameNodes: ['https://nn1.lab:9871', 'http://nn2.lab:9870'],
    dataNodeHosts: ['*.lab'],
    realm: 'LAB',
    kdcs: ['kdc.lab:88'],
    realms: [{ realm: 'EXAMPLE.ORG', kdcs: ['kdc.example.org:88'], via: 'BETWEEN' }],
    secret: 'hdfs/lab',
    configuration: 'hdfs/lab-configuration',
    limits: limits(),
    insecureHttp: true,
    decodesOnce: true,
  },
  Identity: {
    team: 'quant',
    cluster: 'lab',
    principal: 'quant/host@LAB',
    secret: 'hdfs/quant',
    home: '/team/quant',
    allowedFor: [
      { namespace: 'ml-quant', serviceAccounts: ['trainer'] },
      { namespaceSelector: selector(), serviceAccounts: ['trainer', 'default'] },
      { anyNamespace: true, serviceAccounts: ['trainer'] },
    ],
    token: { expirationSeconds: 3600 },
    maxStaleSeconds: 600,
    secretsThrough: 'broker',
    sidecar: { logLevel: 'info', resources: { requests: { cpu: '100m', memory: 1024 }, limits: { memory: '1Gi' } } },
  },
  Dataset: {
    cluster: 'lab',
    owner: 'quant',
    prefixes: ['/data/market', '/data/news'],
    labels: { sensitivity: 'internal' },
    protect: ['raw', 'raw/2026'],
    limits: limits(),
  },
  Grant: {
    effect: 'allow',
    mode: 'shadow',
    teams: ['quant'],
    identities: ['quant-research'],
    datasets: ['market'],
    datasetSelector: selector(),
    paths: ['curated/2026'],
    actions: ['read', 'append'],
    starts: '2026-01-31T00:00:00Z',
    expires: '2027-01-31T00:00:00+01:00',
    when: {
      during: { days: ['mon', 'fri'], from: '08:00', to: '24:00', zone: 'Europe/Zurich' },
      namespaces: ['ml-quant'],
      podSelector: selector(),
    },
    reason: 'asked for by compliance',
    ticket: 'SEC-1',
  },
  Delegation: {
    team: 'quant',
    cluster: 'lab',
    kinds: ['Grant', 'Dataset'],
    datasets: ['market'],
    datasetSelector: selector(),
    prefixes: ['/team/quant'],
    labels: { sensitivity: ['internal', 'public'] },
    teams: ['quant'],
    actions: ['read', 'manage'],
  },
  Policy: { mode: 'enforce' },
  PolicyTest: {
    cases: [
      {
        identity: 'quant-research',
        operation: 'RENAME',
        path: 'anything at all',
        destination: '/data/market/b',
        parameters: { recursive: 'true' },
        time: '2026-06-01T00:00:00Z',
        namespace: 'ml-quant',
        podLabels: { stage: 'prod' },
        expect: 'deny',
        reason: 'no-grant',
      },
    ],
  },
}

const KIND_NAMES = Object.keys(KINDS) as readonly Kind[]
const documentOf = (kind: Kind): object => {
  const metadata = { name: 'a-name' }
  return structuredClone({ apiVersion: 'kerbside.io/v1', kind, metadata, spec: SPECS[kind] })
}

/** Each is right in some field and wrong in most. */
const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, 1, 512, 513, 600, 86_401, -1, 1.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY],
  ...['', ' ', 'a', 'A', 'a-', '-a', 'a'.repeat(64), 'a/b', '/a', '/', '/a/', '/a/../b', '/a/.snapshot', '/a%20b'],
  ...['quant@LAB', 'https://nn1.lab:9871', 'nn1.lab:88', '10Gi', '0', 'read', 'all', 'In', 'allow', 'OPEN', 'no-grant'],
  ...[
    '2027-01-31',
    '2027-01-31T00:00:00Z',
    '2027-02-30T00:00:00Z',
    '08:00',
    '8:00',
    'mon',
    'UTC',
    'Nowhere/Here',
    'a\nb',
  ],
  ...[[], ['a'], ['a', 1], [['a']], {}, { a: 'b' }, { '': 'b' }, { a: 1 }, { constructor: 'b' }, [{}], [null]],
  JSON.parse('{"__proto__":"a"}'),
]
const FIELDS = ['extra', 'constructor', 'toString', '__proto__', 'name', 'values'] as const

type Step = string | number

/** The document and everything in it. */
function* pathsOf(value: unknown, path: readonly Step[] = []): Generator<readonly Step[]> {
  yield path
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) yield* pathsOf(inner, [...path, name])
}

/** With another value at a path; without one where it is undefined. */
function changed(value: unknown, [step, ...rest]: readonly Step[], to: unknown): unknown {
  if (step === undefined) return to
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<Step, unknown>
  const inner = rest.length === 0 ? to : changed(copy[step], rest, to)
  if (inner === undefined && Array.isArray(copy)) copy.splice(Number(step), 1)
  else if (inner === undefined) delete copy[step]
  else Object.defineProperty(copy, step, { value: inner, enumerable: true, configurable: true, writable: true })
  return copy
}

function* mistakesIn(document: object): Generator<unknown> {
  for (const path of pathsOf(document)) {
    if (path.length > 0) yield changed(document, path, undefined)
    for (const value of VALUES) yield changed(document, path, value)
    for (const field of FIELDS) yield changed(document, [...path, field], 'a')
  }
}

/** Whether the schema gives back the same. */
function isRight(kind: Kind, value: unknown): boolean {
  const checked = KINDS[kind].safeParse(value)
  return checked.success && JSON.stringify(checked.data, inOrder) === JSON.stringify(value, inOrder)
}

/** The schema puts fields in its own order. */
const inOrder = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
    : value

test.for(KIND_NAMES)('a %s with every field is right at once', (kind) => {
  const document = documentOf(kind)
  expect(KINDS[kind].safeParse(document).error?.issues).toBeUndefined()
  expect(quickCheck(KINDS[kind])(document)).toBe(true)
})

test.for(KIND_NAMES)('of a %s one change away, schema and quick check say the same', (kind) => {
  const check = quickCheck(KINDS[kind])
  const seen = { right: 0, wrong: 0 }
  for (const value of mistakesIn(documentOf(kind))) {
    const isRightThere = isRight(kind, value)
    seen[isRightThere ? 'right' : 'wrong'] += 1
    if (check(value) !== isRightThere) expect.fail(`${isRightThere ? 'right' : 'wrong'}: ${JSON.stringify(value)}`)
  }
  expect(seen.right).toBeGreaterThan(0)
  expect(seen.wrong).toBeGreaterThan(0)
})

test('what it does not know is left to the schema', () => {
  const unknown = [
    z.string().trim(),
    z.string().transform((text) => `${text}!`),
    z.coerce.number(),
    z.number(),
    z.string().default('a'),
    z.string().regex(/a/g),
    z.object({}),
    z.looseObject({}),
    z.record(z.enum(['a', 'b']), z.string()),
    z.any(),
  ]
  for (const schema of unknown) {
    const check = quickCheck(schema)
    for (const value of ['a', 1, {}, { a: 'b' }, undefined]) expect(check(value)).toBe(false)
  }
})
