/** Secrets of Kubernetes on the real API server: the contract, by a service account that may read one of them by its name. */
import { KubeConfig } from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SecretRef } from '../../../src/io/secret-store.ts'
import { kubernetesStore } from '../../../src/io/secret-stores/kubernetes.ts'
import { BINARY, OTHERS, obeysTheContract, REF, refusal, shown } from '../../io/secret-stores/contract.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import { API_URL } from '../../lab/kubernetes-files.ts'
import { attach } from '../../lab/lab.ts'

const lab = attach()
if (lab === undefined) throw new Error('these tests run inside the lab')
const cluster = kubernetes(lab.folder)
const [NAMESPACE = ''] = REF.path.split('/')
const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`
const name = 'secrets-of-the-broker'
const signal = new AbortController().signal

let config: KubeConfig
beforeAll(async () => {
  await cluster.namespace(NAMESPACE)
  const metadata = { name, namespace: NAMESPACE }
  const subjects = [{ kind: 'ServiceAccount', name, namespace: NAMESPACE }]
  const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'], resourceNames: ['contract'] }]
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name }
  await cluster.apply([
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, roleRef, subjects },
  ])
  const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${name}/token`
  const { status } = await cluster.create<{ status: { token: string } }>(path, { spec: {} })
  config = configWith(status.token)
})
// The namespace stays: others use it, and to end one takes longer than all of this.
afterAll(() => cluster.kubectl(['delete', 'secret', 'contract', 'others', '-n', NAMESPACE, '--ignore-not-found']))

function configWith(token: string): KubeConfig {
  const made = new KubeConfig()
  const server = { name: 'lab', server: API_URL, caFile: lab?.files.authority ?? '', skipTLSVerify: false }
  made.loadFromClusterAndUser(server, { name, token })
  return made
}

const store = (namespaces: readonly [string, ...string[]] = [NAMESPACE]) => kubernetesStore({ config, namespaces })

async function put({ path, key }: SecretRef, bytes: Uint8Array): Promise<void> {
  const [namespace = '', name = ''] = path.split('/')
  const data = { [key]: Buffer.from(bytes).toString('base64') }
  await cluster.apply([{ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data }])
}

obeysTheContract({ store: () => store(), put, putForOthers: put })

test('a name alone is one in the first of the namespaces', async () => {
  await put(REF, BINARY)
  const { bytes } = await store().fetch({ path: 'contract', key: REF.key }, signal)
  expect([...bytes]).toEqual([...BINARY])
})

test('a namespace that it was not told of is not asked for, whatever its service account may', async () => {
  await put(REF, BINARY)
  const { code, message } = await refusal(store(['elsewhere']).fetch(REF, signal), shown(BINARY))
  expect([code, message]).toEqual(['secret-forbidden', expect.stringContaining('reads no Secrets of that namespace')])
})

test.each(['a/b/c', 'Hdfs/contract', 'hdfs/con_tract'])('`%s` is no name of a Secret', async (path) => {
  expect((await refusal(store().fetch({ path, key: 'keytab' }, signal))).code).toBe('secret-not-found')
})

test('a Secret that was deleted and made anew has another version, though it is the same', async () => {
  await put(REF, BINARY)
  const first = await store().fetch(REF, signal)
  await cluster.api(`${SECRETS}/contract`, { method: 'DELETE' })
  await put(REF, BINARY)
  expect((await store().fetch(REF, signal)).version).not.toBe(first.version)
})

test('an API server that does not know us, and one that is not there', async () => {
  await put(REF, BINARY)
  const unknown = kubernetesStore({ config: configWith('garbage'), namespaces: [NAMESPACE] })
  expect((await refusal(unknown.fetch(REF, signal), ['garbage-that-is-long-enough'])).code).toBe(
    'secret-unauthenticated',
  )
  const away = new KubeConfig()
  away.loadFromClusterAndUser({ name: 'lab', server: 'https://127.0.0.1:1', skipTLSVerify: false }, { name })
  const { code } = await refusal(kubernetesStore({ config: away, namespaces: [NAMESPACE] }).fetch(REF, signal))
  expect(code).toBe('secret-unavailable')
})

test('a Secret of others is refused by RBAC and not by us', async () => {
  await put(OTHERS, BINARY)
  expect((await refusal(store().fetch(OTHERS, signal), shown(BINARY))).message).toContain('answered with 403')
})
