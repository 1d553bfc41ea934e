/** Kerbside on the lab's Kubernetes, as an operator installs it: secrets in OpenBao, policy, and the manifests as they stand. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type Kubernetes, kubernetes } from '../lab/kubernetes.ts'
import type { Lab } from '../lab/lab.ts'
import { openbao } from '../lab/openbao.ts'
import { ROOT } from '../suite.ts'

const POLICIES = join(ROOT, 'policies')
const MANIFESTS = join(ROOT, 'deploy/manifests')
/** Identity, its namespace, and the principal whose keytab it gets. */
const IDENTITIES = [
  { identity: 'quant-research', namespace: 'ml-quant', principal: 'quant' },
  { identity: 'climate-models', namespace: 'ml-climate', principal: 'climate' },
] as const

export async function fillStore(lab: Lab): Promise<void> {
  const store = openbao(lab.folder)
  await store.putSecret('hdfs/lab', { 'ca.pem': readFileSync(lab.files.authority, 'utf8') })
  for (const { identity, namespace, principal } of IDENTITIES) {
    await store.putSecret(`hdfs/${identity}`, { keytab: readFileSync(lab.files.keytab(principal)).toString('base64') })
    const paths = [`hdfs/${identity}`, 'hdfs/lab']
    await store.bindRole({ role: identity, serviceAccounts: ['trainer'], namespaces: [namespace], paths })
  }
}

/** @param change what the policy says other than the example */
export async function install(lab: Lab, change = (file: string) => file): Promise<Kubernetes> {
  const api = kubernetes(lab.folder)
  await api.apply(readFileSync(join(MANIFESTS, '00-namespace.yaml'), 'utf8'))
  await api.apply([
    configMap('kerbside-policies', policyFiles(change)),
    configMap('kerbside-injection', injection(lab)),
  ])
  await api.kubectl(['apply', '--server-side', '-k', MANIFESTS])
  for (const deployment of ['kerbside-webhook', 'kerbside-broker']) {
    await api.kubectl(['rollout', 'status', '-n', 'kerbside', `deployment/${deployment}`, '--timeout=120s'])
  }
  for (const { namespace } of IDENTITIES) {
    await api.namespace(namespace, { 'pod-security.kubernetes.io/enforce': 'restricted' })
    await api.apply([{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'trainer', namespace } }])
  }
  return api
}

/** A ConfigMap has no folders, so `quant/grants.yaml` is the key `quant.grants.yaml`. */
function policyFiles(change: (file: string) => string): Record<string, string> {
  const files = globSync('*/*.yaml', { cwd: POLICIES })
  return Object.fromEntries(
    files.map((file) => [file.replaceAll('/', '.'), change(readFileSync(join(POLICIES, file), 'utf8'))]),
  )
}

/** The example, with the CA that signed the lab's OpenBao. */
function injection(lab: Lab): Record<string, string> {
  const example = parse(readFileSync(join(ROOT, 'deploy/examples/injection.yaml'), 'utf8')) as object
  const authorities = readFileSync(lab.files.authority, 'utf8')
  return { 'injection.yaml': JSON.stringify({ ...example, authorities }) }
}

const configMap = (name: string, data: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'kerbside' },
  data,
})
