/** Admission by the real API server: what a tenant asks for, what is stored, and what is refused. */

import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evaluate } from '../../../src/core/identity/evaluate.ts'
import { toInjection } from '../../../src/core/identity/injection.ts'
import { type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { readInjection } from '../../../src/core/identity/read-injection.ts'
import { readPolicyDirectory } from '../../../src/io/policy/directory.ts'
import { issue } from '../../lab/certificates.ts'
import { callOver } from '../../lab/https.ts'
import { api, INJECTION_FILE, type Installation, install, lab, until } from './installation.ts'
import { POD } from './restricted-pod.ts'
import { asTenant, podNamed, pods } from './tenant.ts'

let installation: Installation
beforeAll(async () => {
  installation = await install()
})
afterAll(() => installation?.uninstall())

const spec = (pod: JsonObject) => objectAt(pod, 'spec')
const initNames = (pod: JsonObject) => objectsAt(spec(pod), 'initContainers').map(({ name }) => name)

describe('a pod with the label', () => {
  test('gets the sidecar, in a namespace that enforces the restricted profile, and is what evaluate wants of it', async () => {
    const { status, object } = await asTenant('POST', pods(), podNamed('plain'))
    expect(status, JSON.stringify(object)).toBe(201)
    expect(initNames(object)).toEqual(['kerbside'])
    const read = await readPolicyDirectory('policies')
    if (!('bundle' in read)) throw new Error('the example policy is broken')
    const injection = toInjection(readInjection(INJECTION_FILE, 'test'), installation.ca)
    const about = { namespace: 'ml-quant', operation: 'CREATE' } as const
    for (const stage of ['mutate', 'validate'] as const) {
      const verdict = evaluate({ pod: object, stage, ...about }, read.bundle, injection)
      expect(verdict).toEqual({ effect: 'admit', identity: 'quant-research', patch: [], warnings: [] })
    }
  })

  test('is asked about once by each webhook: nothing is left to add after us, for which all would be asked again', async () => {
    const { object } = await asTenant('POST', pods(), podNamed('asked-once'))
    const [sidecar = {}, ...more] = objectsAt(spec(object), 'initContainers')
    const paths = objectsAt(sidecar, 'volumeMounts').map(({ mountPath }) => mountPath)
    expect([more, paths]).toEqual([[], expect.arrayContaining(['/var/run/secrets/kubernetes.io/serviceaccount'])])
    const lines = () =>
      installation.webhook
        .log()
        .split('\n')
        .filter((line) => line.includes('Pod/asked-once'))
    const asked = () => lines().map((line) => (JSON.parse(line) as { stage: string }).stage)
    await until('both decisions to be in the log', async () => asked().includes('validate'))
    expect(asked()).toEqual(['mutate', 'validate'])
  })

  test('that a controller makes gets it too', async () => {
    const template = { metadata: { labels: POD.metadata.labels }, spec: { ...POD.spec, restartPolicy: 'Never' } }
    const job = { metadata: { name: 'train' }, spec: { template } }
    expect((await asTenant('POST', '/apis/batch/v1/namespaces/ml-quant/jobs', job)).status).toBe(201)
    const list = await api.waitFor<JsonObject>(
      `${pods()}?labelSelector=job-name=train`,
      (found) => objectsAt(found, 'items').length === 1,
    )
    expect(objectsAt(list, 'items').map(initNames)).toEqual([['kerbside']])
  })

  test('keeps its sidecar whatever limits the namespace sets by default', async () => {
    const limits = [
      { type: 'Container', default: { cpu: '1', memory: '1Gi' }, defaultRequest: { cpu: '100m', memory: '64Mi' } },
    ]
    await api.create('/api/v1/namespaces/ml-quant/limitranges', { metadata: { name: 'limits' }, spec: { limits } })
    const { status, object } = await asTenant('POST', pods(), podNamed('limited'))
    await api.api('/api/v1/namespaces/ml-quant/limitranges/limits', { method: 'DELETE' })
    expect(status, JSON.stringify(object)).toBe(201)
  })

  test('can be created again from what was stored', async () => {
    const stored = (await api.get<JsonObject>(`${pods()}/plain`)) ?? {}
    const again = { metadata: { name: 'again', labels: POD.metadata.labels }, spec: spec(stored) }
    const { status, object } = await asTenant('POST', pods(), again)
    expect(status, JSON.stringify(object)).toBe(201)
  })

  test('is refused with every reason and what to change', async () => {
    const wrong = {
      ...podNamed('wrong'),
      spec: { ...POD.spec, shareProcessNamespace: true, serviceAccountName: 'default' },
    }
    const { status, object } = await asTenant('POST', pods(), wrong)
    expect(status).toBe(403)
    expect(object['message']).toContain('[not-allowed] `quant-research`')
    expect(object['message']).toContain('set serviceAccountName to `trainer`')
    expect(object['message']).toContain('[shared-process-namespace]')
  })

  test('of another team is refused as one that does not exist', async () => {
    const asking = (identity: string) =>
      asTenant('POST', pods(), {
        ...podNamed('other'),
        metadata: { name: 'other', labels: { 'kerbside.io/identity': identity } },
      })
    const answers = await Promise.all(['climate-models', 'climate-modelx'].map(asking))
    const messages = answers.map(({ object }) =>
      String(object['message']).replaceAll('climate-modelx', 'climate-models'),
    )
    expect(messages[0]).toContain('[unknown-identity]')
    expect(messages[0]).toBe(messages[1])
  })
})

describe('a sidecar that is not ours', () => {
  test('is refused when its owner brings it', async () => {
    const stored = (await api.get<JsonObject>(`${pods()}/plain`)) ?? {}
    const initContainers = objectsAt(spec(stored), 'initContainers').map((raw) => ({ ...raw, image: 'evil' }))
    const evil = { metadata: { name: 'evil', labels: POD.metadata.labels }, spec: { ...spec(stored), initContainers } }
    const { status, object } = await asTenant('POST', pods(), evil)
    expect([status, object['message']]).toEqual([
      403,
      expect.stringContaining('[sidecar-differs] container `kerbside` (image)'),
    ])
  })

  test('is refused when another webhook made it so', async () => {
    const other = await webhookThatForgetsRestartPolicy()
    await until('the other webhook to be asked', async () => {
      const { status } = await asTenant('POST', `${pods()}?dryRun=All`, podNamed('forgotten'))
      return status !== 201
    })
    const { object } = await asTenant('POST', pods(), podNamed('forgotten'))
    await other.stop()
    expect(object['message']).toContain('[sidecar-differs] container `kerbside` (restartPolicy)')
    expect(object['message']).toContain('does not know sidecars')
    await until('the other webhook to be gone', async () => {
      return (await asTenant('POST', `${pods()}?dryRun=All`, podNamed('forgotten'))).status === 201
    })
  })
})

describe('when the webhook is down', () => {
  test('pods that ask for an identity wait, all others are created, and nothing is lost', async () => {
    await installation.webhook.stop()
    const labelled = await asTenant('POST', `${pods()}?dryRun=All`, podNamed('down'))
    expect([labelled.status, labelled.object['message']]).toEqual([
      500,
      expect.stringContaining('failed calling webhook'),
    ])
    const unlabelled = await asTenant('POST', `${pods()}?dryRun=All`, { metadata: { name: 'down' }, spec: POD.spec })
    expect(unlabelled.status).toBe(201)
  })

  test('the next ones, starting together with no authority there, agree on one that the API server is told of', async () => {
    const secret = '/api/v1/namespaces/kerbside/secrets/kerbside-ca'
    const headers = { 'content-type': 'application/merge-patch+json' }
    await api.api(secret, { method: 'PATCH', headers, body: { data: { 'ca.crt': null, 'ca.key': null } } })
    const both = await Promise.all([installation.another(8443), installation.another(8445)])
    const { data } = (await api.get<{ data: Record<string, string> }>(secret)) ?? { data: {} }
    const ca = Buffer.from(data['ca.crt'] ?? '', 'base64').toString()
    expect(ca).not.toBe(installation.ca)
    const ready = await Promise.all([8443, 8445].map((port) => callOver({ url: `https://${HOST}:${port}/readyz`, ca })))
    expect(ready.map(({ status }) => status)).toEqual([200, 200])
    const { status } = await asTenant('POST', `${pods()}?dryRun=All`, podNamed('up'))
    await Promise.all(both.map((each) => each.stop()))
    expect(status).toBe(201)
  })
})

type Other = { stop(): Promise<void> }

/** Stands for webhooks that decode pods into types from before native sidecars. */
async function webhookThatForgetsRestartPolicy(): Promise<Other> {
  const { certificate, key } = await issue(lab.folder, { file: 'other-webhook', commonName: HOST, hosts: [HOST] })
  const server: Server = createServer(
    { cert: readFileSync(certificate), key: readFileSync(key) },
    (request, response) => {
      let body = ''
      request.on('data', (chunk) => (body += chunk))
      request.on('end', () => {
        const { uid, object } = JSON.parse(body).request
        const at = object.spec.initContainers.findIndex(({ name }: { name: string }) => name === 'kerbside')
        const patch = [{ op: 'remove', path: `/spec/initContainers/${at}/restartPolicy` }]
        const encoded = Buffer.from(JSON.stringify(patch)).toString('base64')
        const answer = { uid, allowed: true, patchType: 'JSONPatch', patch: encoded }
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }))
      })
    },
  )
  await new Promise<void>((resolve) => server.listen(9443, HOST, resolve))
  const configuration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'z-forgetful' },
    webhooks: [
      {
        name: 'forgetful.example.org',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        clientConfig: { url: `https://${HOST}:9443/`, caBundle: readFileSync(lab.files.authority).toString('base64') },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
        objectSelector: { matchLabels: { 'kerbside.io/identity': 'quant-research' } },
      },
    ],
  }
  await api.apply([configuration])
  return {
    async stop() {
      await api.kubectl(['delete', 'mutatingwebhookconfiguration', 'z-forgetful'])
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
const HOST = 'hook.lab'
