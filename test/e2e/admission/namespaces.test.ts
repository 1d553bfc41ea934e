/** What the webhook knows of namespaces, with the rights of its service account and no others. */
import { KubeConfig } from '@kubernetes/client-node'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { watchNamespaces } from '../../../webhook/namespaces.ts'
import { api, type Installation, install, kubeconfigOf, until } from './installation.ts'
import { POD } from './restricted-pod.ts'
import { asTenant, pods } from './tenant.ts'

let installation: Installation
beforeAll(async () => {
  installation = await install()
})
afterAll(() => installation?.uninstall())

async function watchAs(serviceAccount: string) {
  const cluster = new KubeConfig()
  cluster.loadFromString(JSON.stringify(await kubeconfigOf(serviceAccount)))
  const said: string[] = []
  const log = pino({}, { write: (line: string) => void said.push(line) })
  return { said, ...watchNamespaces({ cluster, log, clock: () => performance.now() }) }
}

test('labels are known, and each change at once', async () => {
  const namespaces = await watchAs('kerbside-webhook')
  const stage = () => namespaces.labelsOf('ml-quant')?.get('example.org/stage')
  await until('the namespaces to be listed', async () => namespaces.labelsOf('ml-quant') !== undefined)
  for (const value of ['sandbox', 'production']) {
    await api.kubectl(['label', 'namespace', 'ml-quant', `example.org/stage=${value}`, '--overwrite'])
    await until(`the label to be ${value}`, async () => stage() === value)
  }
  await api.kubectl(['label', 'namespace', 'ml-quant', 'example.org/stage-'])
  await until('the label to be gone', async () => stage() === undefined)
  expect([namespaces.labelsOf('nowhere'), namespaces.said]).toEqual([undefined, []])
  namespaces.stop()
})

test('who may not list them knows none, and says what is missing', async () => {
  const namespaces = await watchAs('kerbside-review')
  await until('the first try', async () => namespaces.problem() === undefined)
  expect(namespaces.labelsOf('ml-quant')).toBeUndefined()
  await until('the log to say it', async () =>
    namespaces.said.join().includes('the ClusterRole kerbside-webhook allows it'),
  )
  namespaces.stop()
})

test('an identity for labelled namespaces is for this one while it carries the label, and a tenant cannot give it one', async () => {
  const account = { metadata: { name: 'backtest' } }
  await asTenant('POST', '/api/v1/namespaces/ml-quant/serviceaccounts', account)
  const metadata = { generateName: 'labelled-', labels: { 'kerbside.io/identity': 'trading-backtest' } }
  const pod = { ...POD, metadata, spec: { ...POD.spec, serviceAccountName: 'backtest' } }
  const status = async () => (await asTenant('POST', `${pods()}?dryRun=All`, pod)).status
  const label = (value: string) => api.kubectl(['label', 'namespace', 'ml-quant', value, '--overwrite'])
  expect(await status()).toBe(403)
  const patch = { metadata: { labels: { 'bank.example/side': 'trading' } } }
  const patchType = 'application/merge-patch+json'
  expect((await asTenant('PATCH', '/api/v1/namespaces/ml-quant', patch, { patchType })).status).toBe(403)
  await label('bank.example/side=trading')
  await until('the pod to be admitted', async () => (await status()) === 201)
  await label('bank.example/side-')
  await until('the pod to be refused again', async () => (await status()) === 403)
})
