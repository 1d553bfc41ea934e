/** The operator's file: read strictly, all problems at once, and what the webhook writes the sidecar reads back. */
import { expect, test } from 'vitest'
import type { SidecarSpec } from '../../../src/core/identity/injection.ts'
import { member, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { readInjection } from '../../../src/core/identity/read-injection.ts'
import { sidecarContainer } from '../../../src/core/identity/sidecar-container.ts'
import { parseQuantity } from '../../../src/core/quantity.ts'
import { readSettings } from '../../../src/core/settings.ts'
import { CA, INJECTION, injectionOf } from './world.ts'

test('every problem is named at once, with its place', () => {
  const file = {
    broker: 'http://broker',
    store: 'etcd',
    imagee: 'x',
    resources: { memoryLimit: '1 GB' },
    gatewayPort: 0,
  }
  const read = () => readInjection(file, 'injection.yaml')
  for (const part of [
    '`injection.yaml`: ',
    '`image` is missing',
    '`imagee` is not a setting',
    '`broker` is not an https URL',
    '`store` is not one of files, vault, openbao, aws, gcp, azure',
    '`resources.memoryLimit` is not a quantity',
  ])
    expect(read).toThrow(part)
})

test('a store needs what it is reached by', () => {
  const problemsOf = (more: object) => () => readInjection({ image: 'kerbside:dev', broker: 'https://b', ...more }, 'f')
  expect(problemsOf({ store: 'openbao' })).toThrow('`storeUrl` is `none`, but the store `openbao` needs an address')
  expect(problemsOf({ store: 'files' })).toThrow('`secretsVolume` is missing')
  expect(problemsOf({ store: 'files' })).toThrow('`storeMount` is `kv`, but the store `files` needs an absolute folder')
})

test('a role that names of identities do not tell is looked up, by own names only', () => {
  const [one, other] = ['12345678-1234-1234-1234-123456789abc', '87654321-4321-4321-4321-cba987654321']
  const azure = { store: 'azure', storeUrl: 'https://lab.vault.azure.net', storeAuth: 'example.org' }
  const { current } = injectionOf({ ...azure, storeRole: other, storeRoles: { 'quant-research': one } })
  expect(envOf(current, 'quant-research')).toMatchObject({ KERBSIDE_STORE_ROLE: one })
  for (const name of ['climate', 'constructor']) {
    expect(envOf(current, name)).toMatchObject({ KERBSIDE_STORE_ROLE: other })
  }
  expect(() => injectionOf({ ...azure, storeRole: 'none', storeRoles: { a: 'wrong' } })).toThrow(
    '`storeRole` is `wrong`',
  )
})

test('pods may have no store at all: then the broker gives out the secrets, and nothing else is needed', () => {
  const { current } = injectionOf({ store: 'none', storeUrl: 'none', storeRole: 'none' })
  expect(readSettings(envOf(current, 'quant-research'))).toMatchObject({ store: 'none', storeUrl: 'none' })
})

test('an earlier entry changes only what it names', () => {
  const { current, earlier } = injectionOf({ logLevel: 'debug', earlier: [{ image: 'kerbside:old' }] })
  expect(earlier).toEqual([{ ...current, image: 'kerbside:old' }])
})

test('the sidecar reads from its container exactly what the operator chose', () => {
  const { current } = injectionOf({
    logLevel: 'warn',
    gatewayPort: 14_000,
    storeRole: 'odd $(HOME) $$ {identity}',
    storeNamespace: 'team/quant',
    storeKvVersion: '1',
  })
  const settings = readSettings(envOf(current, 'quant-research'))
  expect(settings).toMatchObject({
    identity: 'quant-research',
    podUid: 'metadata.uid',
    gatewayPort: 14_000,
    logLevel: 'warn',
    storeRole: 'odd $(HOME) $$ quant-research',
    storeNamespace: 'team/quant',
    storeKvVersion: '1',
    ca: CA,
    storeUrl: INJECTION.current.storeUrl,
  })
})

/** The environment of the sidecar as Kubernetes makes it; a field of the pod is its name. */
function envOf(spec: SidecarSpec, identity: string): Record<string, string> {
  const variables = objectsAt(sidecarContainer(spec, identity), 'env').map((variable) => {
    const field = objectAt(objectAt(variable, 'valueFrom'), 'fieldRef')['fieldPath']
    return [variable['name'], field ?? asKubernetesExpands(String(member(variable, 'value')))]
  })
  return Object.fromEntries(variables)
}

/** k8s.io/kubernetes/third_party/forked/golang/expansion: `$$` is `$`; unknown variables stay. */
const asKubernetesExpands = (value: string) =>
  value.replace(/\$\$|\$\((\w+)\)/g, (match) => (match === '$$' ? '$' : 'EXPANDED'))

test('quantities compare as Kubernetes compares them', () => {
  const cases: [string, number][] = [
    ['10m', 0.01],
    ['48Mi', 48 * 2 ** 20],
    ['1e3', 1000],
    ['1E', 1e18],
    ['.5', 0.5],
    ['2', 2],
  ]
  for (const [text, value] of cases) expect(parseQuantity(text)).toBeCloseTo(value, 6)
  for (const text of ['', '-1', '1 Mi', '1mi', 'Mi', '1.2.3', '0x10', '1e']) expect(parseQuantity(text)).toBeUndefined()
})
