/** `policy import-ranger` as a person runs it: what it writes is valid policy, and nothing is overwritten. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { formatPolicy } from '../../src/io/policy/format.ts'
import { AROUND } from '../core/policy/ranger/imported-policy.ts'
import { runCli } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'kerbside-ranger-'))
afterAll(() => rmSync(folder, { recursive: true }))

function fileOf(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const accesses = (types: readonly string[]) => types.map((type) => ({ type, isAllowed: true }))
const MARKET = {
  ...{ id: 7, name: 'Market data', service: 'lake', serviceType: 'hdfs', isEnabled: true },
  resources: { path: { values: ['/data/market'], isRecursive: true } },
  policyItems: [{ accesses: accesses(['read', 'execute']), groups: ['research'], roles: ['desk'] }],
}
const ORDERS = {
  ...{ ...MARKET, id: 8, name: 'Wall | orders', policyItems: [] },
  resources: { path: { values: ['/data/market/orders'], isRecursive: true } },
  denyPolicyItems: [{ accesses: accesses(['read']), groups: ['research'] }],
}
const SCRATCH = { ...MARKET, id: 9, name: 'scratch', resources: { path: { values: ['/tmp/*'], isRecursive: true } } }

let runs = 0
const run = (policies: unknown, ...options: readonly string[]) => {
  const into = join(folder, `into-${++runs}`)
  const path = fileOf(`export-${runs}.json`, policies)
  const fixed = ['policy', 'import-ranger', path, '--cluster', 'lab', '--into', into]
  return runCli([...fixed, ...options]).then((ran) => ({ ...ran, into }))
}
const MAP = ['--map', 'group:research=team:quant', '--map', 'role:desk=nobody', '--owner', 'platform']

test('what is written is valid beside the documents that are still to be written', async () => {
  const { code, err, into } = await run({ policies: [MARKET, ORDERS] }, ...MAP)
  expect(err).toContain('2 policies: 2 carried, 0 in part, 0 not carried')
  expect(code).toBe(0)
  writeFileSync(join(into, 'around.yaml'), AROUND.map((one) => stringify(one)).join('---\n'))
  const explained = await runCli([
    'policy',
    'explain',
    into,
    '--identity',
    'quant',
    '--action',
    'read',
    '--path',
    '/data/market/orders/x',
  ])
  expect(explained.err).toBe('')
  for (const name of ['datasets.yaml', 'grants.yaml']) {
    const bytes = readFileSync(join(into, name))
    expect(formatPolicy(name, bytes)).toEqual({ text: bytes.toString() })
  }
  expect(explained.out).toContain('denied-by-grant')
  expect(explained.out).toMatch(/wall-orders-deny +grants\.yaml:\d+/)
})

test('what is not carried is said, with exit 1', async () => {
  const { code, out, into } = await run({ policies: [MARKET, SCRATCH] }, ...MAP)
  expect(code).toBe(1)
  expect(out).toContain('not carried  team:quant  allow, /tmp/**; below-only: ')
  expect(readFileSync(join(into, 'datasets.yaml'), 'utf8')).not.toContain('/tmp')
  const wider = await run({ policies: [SCRATCH] }, ...MAP, '--include-base')
  expect(wider.out).toContain('wider        team:quant  allow, /tmp; below-only: ')
  expect(readFileSync(join(wider.into, 'datasets.yaml'), 'utf8')).toContain('prefixes: [/tmp]')
})

test('the report is a table of Markdown, or entries of JSON', async () => {
  const markdown = await run({ policies: [ORDERS] }, ...MAP, '--output', 'markdown')
  expect(markdown.out).toContain('| 8 Wall \\| orders | carried | team:quant | grant wall-orders-deny |')
  const json = await run({ policies: [MARKET, SCRATCH] }, ...MAP, '--output', 'json')
  expect(JSON.parse(json.out)[1]).toMatchObject({
    policy: { id: 9, name: 'scratch' },
    status: 'not-carried',
    reason: 'below-only',
  })
})

test('a directory that is there is left as it is', async () => {
  const first = await run({ policies: [MARKET] }, ...MAP)
  const path = fileOf('again.json', { policies: [ORDERS] })
  const again = await runCli(['policy', 'import-ranger', path, '--cluster', 'lab', '--into', first.into, ...MAP])
  expect([again.code, again.err]).toEqual([2, expect.stringContaining('is there already')])
  expect(readFileSync(join(first.into, 'grants.yaml'), 'utf8')).toContain('Market data')
})

test('roles and zones come in files of their own, a mapping too', async () => {
  const roles = fileOf('roles.json', { rangerRoles: [{ name: 'desk', users: [{ name: 'dana' }] }] })
  const zones = fileOf('zones.json', [
    { name: 'lake', services: { lake: { resources: [{ path: ['/data/market/orders'] }] } } },
  ])
  const map = fileOf('map.txt', '# who is who\nuser:dana=team:climate\n\ngroup:research=team:quant\n')
  const { code, into } = await run({ policies: [MARKET] }, '--roles', roles, '--zones', zones, '--map-file', map)
  expect(code).toBe(0)
  expect(readFileSync(join(into, 'grants.yaml'), 'utf8')).toContain('teams: [climate, quant]')
  expect(readFileSync(join(into, 'datasets.yaml'), 'utf8')).toContain('/data/market/orders')
})

test.each([
  ['not JSON', '{"policies": [', 'is not JSON'],
  ['not an export', '[]', 'is not an object with `policies`'],
  ['no policies', '{}', '`policies`: '],
  ['a policy without a name', { policies: [{ id: 1 }] }, '`policies[0].name`: '],
  [
    'accesses that are text',
    { policies: [{ ...MARKET, policyItems: [{ accesses: 'read' }] }] },
    '`policies[0].policyItems[0].accesses`',
  ],
  ['a flag that is a word', { policies: [{ ...MARKET, isDenyAllElse: 'yes' }] }, '`policies[0].isDenyAllElse`'],
])('a broken export is exit 3 and writes nothing: %s', async (_, policies, message) => {
  const { code, out, err } = await run(policies, ...MAP)
  expect([code, out]).toEqual([3, ''])
  expect(err).toContain(message)
  expect(readdirSync(folder)).not.toContain(`into-${runs}`)
})

test('a file that is not there is told so', async () => {
  const { code, err } = await runCli([
    ...['policy', 'import-ranger', join(folder, 'nowhere.json'), '--cluster', 'lab'],
    ...['--into', join(folder, 'of-nothing'), ...MAP],
  ])
  expect(err).toBe(`kerbside: \`${join(folder, 'nowhere.json')}\` cannot be read: it does not exist\n`)
  expect(code).toBe(3)
})

test.each([
  ['nobody is mapped', [MARKET], [], 'nobody is mapped'],
  ['a mapping of something else', [MARKET], ['--map', 'research=quant'], '`research=quant` does not map'],
  ['two services', [MARKET, { ...ORDERS, service: 'pond' }], MAP, '`--service` is not given\n  there are lake, pond'],
  ['another service', [MARKET], [...MAP, '--service', 'pond'], 'no HDFS service is called `pond`\n  there are lake'],
  ['no HDFS', [{ ...MARKET, serviceType: 'hive' }], MAP, 'the export holds no policy of HDFS'],
])('a command line that cannot be meant is exit 2: %s', async (_, policies, options, message) => {
  const { code, err } = await run({ policies }, ...options)
  expect([code, err]).toEqual([2, expect.stringContaining(message)])
})
