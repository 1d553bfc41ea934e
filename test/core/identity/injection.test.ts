/** The operator's file: read strictly, all problems at once, and what the webhook writes the sidecar reads back. */
import { expect, test } from 'vitest'
import { member, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { readInjection } from '../../../src/core/identity/read-injection.ts'
import { sidecarContainer } from '../../../src/core/identity/sidecar-container.ts'
import { parseQuantity } from '../../../src/core/quantity.ts'
import { readSettings } from '../../../src/core/settings.ts'
import { CA, INJECTION, injectionOf } from './world.ts'

test('every problem is named at once, with its place', () => {
  const file = {
    broker: 'http://broker',
    store: 'vault',
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
    '`store` is not one of files, openbao',
    '`resources.memoryLimit` is not a quantity',
  ])
    expect(read).toThrow(part)
})

test('a store needs what it is reached by', () => {
  const common = { image: 'kerbside:dev', broker: 'https://b' }
  expect(() => readInjection({ ...common, store: 'openbao' }, 'f')).toThrow('`storeUrl` is missing')
  expect(() => readInjection({ ...common, store: 'files' }, 'f')).toThrow('`secretsVolume` is missing')
  expect(() => readInjection({ ...common, store: 'files' }, 'f')).toThrow('`storeMount` is not the absolute folder')
})

test('an earlier entry changes only what it names', () => {
  const { current, earlier } = injectionOf({ logLevel: 'debug', earlier: [{ image: 'kerbside:old' }] })
  expect(earlier).toEqual([{ ...current, image: 'kerbside:old' }])
})

test('the sidecar reads from its container exactly what the operator chose', () => {
  const { current } = injectionOf({
    logLevel: 'warn',
    gatewayPort: 14_000,
    storeMount: 'odd $(HOME) $$ mount',
    storeRole: 'hdfs-{identity}',
  })
  const env = objectsAt(sidecarContainer(current, 'quant-research'), 'env').map((variable) => {
    const field = objectAt(objectAt(variable, 'valueFrom'), 'fieldRef')['fieldPath']
    return [variable['name'], field ?? asKubernetesExpands(String(member(variable, 'value')))]
  })
  const settings = readSettings(Object.fromEntries(env))
  expect(settings).toMatchObject({
    identity: 'quant-research',
    podUid: 'metadata.uid',
    gatewayPort: 14_000,
    logLevel: 'warn',
    storeMount: 'odd $(HOME) $$ mount',
    storeRole: 'hdfs-quant-research',
    ca: CA,
    storeUrl: INJECTION.current.storeUrl,
  })
})

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
