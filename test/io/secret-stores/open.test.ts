/** From settings to a store: what is missing is named, each store opens, and no SDK is loaded before it is needed. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import {
  checkSecretsWay,
  checkStoreSettings,
  openSecretStore,
  type StoreSettings,
} from '../../../src/io/secret-stores/open.ts'
import { ROOT } from '../../suite.ts'
import { REF, refusal } from './contract.ts'

const NOTHING = {
  storeUrl: 'none',
  storeRole: 'none',
  storeAuth: 'none',
  storeLoginUrl: 'none',
  storeNamespace: 'none',
}
const settings = (more: Partial<StoreSettings> & Pick<StoreSettings, 'store'>): StoreSettings => ({
  ...{ storeMount: 'kv', storeKvVersion: '2', ca: '', tokenFile: '/nonexistent', ...NOTHING },
  ...more,
})
const STORES: readonly StoreSettings[] = [
  settings({ store: 'vault', storeUrl: 'https://127.0.0.1:1', storeRole: 'r' }),
  settings({ store: 'openbao', storeUrl: 'https://127.0.0.1:1', storeRole: 'r' }),
  settings({ store: 'aws', storeMount: 'eu-central-1', storeRole: 'arn:aws:iam::123456789012:role/r' }),
  settings({ store: 'aws', storeMount: 'eu-central-1', storeAuth: 'pod-identity' }),
  settings({
    ...{ store: 'gcp', storeMount: 'lab-123' },
    storeAuth: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/k8s/providers/lab',
  }),
  settings({
    ...{ store: 'azure', storeUrl: 'https://lab.vault.azure.net', storeAuth: 'example.org' },
    storeRole: '12345678-1234-1234-1234-123456789abc',
  }),
]

test.each(STORES)(
  '`$store` ($storeAuth) opens, and says that there is no token before it asks anybody',
  async (place) => {
    const store = await openSecretStore(place)
    const { code, message } = await refusal(store.fetch(REF, new AbortController().signal))
    expect([code, message]).toEqual([
      'secret-unauthenticated',
      'the service-account token `/nonexistent` cannot be read',
    ])
    await store.close()
  },
)

test('all that a store lacks is named at once, by the variables that a person must set', async () => {
  const check = () => checkStoreSettings(settings({ store: 'azure' }))
  for (const name of ['KERBSIDE_STORE_URL', 'KERBSIDE_STORE_ROLE', 'KERBSIDE_STORE_AUTH']) expect(check).toThrow(name)
  await expect(openSecretStore(settings({ store: 'files' }))).rejects.toMatchObject({ code: 'bad-settings' })
})

test('no store opens nothing, and says what has to change', async () => {
  const none = settings({ store: 'none' })
  expect(() => checkStoreSettings(none)).not.toThrow()
  await expect(openSecretStore(none)).rejects.toMatchObject({
    code: 'bad-settings',
    hint: expect.stringContaining('`secretsThrough: broker`'),
  })
})

test('no store is one only for an identity that asks through the broker', () => {
  const identity = 'quant-research'
  const check = (store: 'none' | 'files', way: object) => () => checkSecretsWay({ store }, { identity, ...way })
  for (const way of [{}, { secretsThrough: 'sidecar' }]) expect(check('none', way)).toThrow('`quant-research`')
  expect(check('none', { secretsThrough: 'broker' })).not.toThrow()
  expect(check('files', {})).not.toThrow()
})

test('the sidecar that serves loads no SDK, and no code of a store', async () => {
  const program = `
    const { registerHooks } = process.getBuiltinModule('node:module')
    const loaded = []
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
    await import(${JSON.stringify(join(ROOT, 'sidecar/main.ts'))})
    await import(${JSON.stringify(join(ROOT, 'sidecar/serve.ts'))})
    await import(${JSON.stringify(join(ROOT, 'sidecar/gateway/gateway.ts'))})
    console.log(loaded.join('\\n'))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program])
  const loaded = stdout.split('\n')
  expect(loaded.some((url) => url.endsWith('/secret-stores/open.ts'))).toBe(true)
  expect(loaded.filter((url) => /@aws-sdk|@smithy|google|@azure|secret-stores\/(?!open\.ts)/.test(url))).toEqual([])
}, 60_000)
