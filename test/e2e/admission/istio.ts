/** Istio's own injector in front of the lab's API server: settings and registration by its chart, its control plane as a process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type JsonObject, objectsAt } from '../../../src/core/identity/json.ts'
import { istioFiles } from '../../lab/build/istio.ts'
import { kubernetesFiles } from '../../lab/kubernetes-files.ts'
import { helmed, objectsIn } from '../install/helm.ts'
import { create, initContainersOf } from './admitted.ts'
import { endpoint, service } from './behind-service.ts'
import { api, ended, lab, until } from './installation.ts'
import type { Place } from './other-webhooks.ts'
import { POD } from './restricted-pod.ts'

const NAMESPACE = 'istio-system'
/** As its chart calls it. */
const SERVICE = { namespace: NAMESPACE, name: 'istiod' }
const INJECTED_NAMESPACE = 'ml-quant'
const [HOST, PORT] = ['hook.lab', 15_017] as const
const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
/** After ours it is called as its chart has it. */
const NAMES: Readonly<Record<Place, string>> = {
  before: '0-istio-sidecar-injector',
  after: 'istio-sidecar-injector',
}
const APPLIED = new Set([
  ...['ConfigMap', 'MutatingWebhookConfiguration', 'ServiceAccount'],
  ...['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
])

/** Who reroutes the network of a pod to the proxy: the CNI plugin on the node, or an init container in the pod. */
export type Rerouting = 'plugin' | 'container'

export type Istio = {
  /** Resolves when it is asked there, and there alone, and injects what goes with that rerouting. */
  use(place: Place, rerouting: Rerouting): Promise<void>
  stop(): Promise<void>
}

export async function startIstio(): Promise<Istio> {
  await api.namespace(NAMESPACE)
  await api.apply(await chart('plugin'))
  await api.apply([service(SERVICE, PORT), endpoint(SERVICE, { port: PORT, ready: true })])
  await api.kubectl(['label', 'namespace', INJECTED_NAMESPACE, 'istio-injection=enabled', '--overwrite'])
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-istio-'))
  const program = startProgram(folder)
  const untilInjected = (wanted: string) =>
    until(`Istio to inject ${wanted}`, async () => (await injectedFirst()) === wanted).catch((error: Error) => {
      throw new Error(`${error.message}\n${readFileSync(join(folder, 'log'), 'utf8').slice(-2000)}`)
    })
  const istio: Istio = {
    async use(place, rerouting) {
      await api.apply((await chart(rerouting)).filter(({ kind }) => kind === 'ConfigMap'))
      await move(place)
      await untilInjected(FIRST[rerouting])
    },
    async stop() {
      await api.kubectl(['label', 'namespace', INJECTED_NAMESPACE, 'istio-injection-'])
      await api.kubectl(['delete', '--ignore-not-found', 'mutatingwebhookconfiguration', ...Object.values(NAMES)])
      await ended(program, 'SIGKILL')
      rmSync(folder, { recursive: true })
      await api.kubectl(['delete', 'namespace', NAMESPACE, '--wait=false'])
    },
  }
  await untilInjected(FIRST.plugin).catch(async (error: Error) => {
    await istio.stop()
    throw error
  })
  return istio
}

/** What its chart gives, without what would run it and what it is asked besides. */
async function chart(rerouting: Rerouting): Promise<JsonObject[]> {
  const values = ['--set', `pilot.cni.enabled=${rerouting === 'plugin'}`]
  const text = await helmed(['template', 'istiod', istioFiles(lab.folder).chart, '--namespace', NAMESPACE, ...values])
  return objectsIn(text).filter(({ kind }) => APPLIED.has(String(kind)))
}

/** Its other servers are there for proxies, and there are none. */
function startProgram(folder: string): ChildProcess {
  const log = openSync(join(folder, 'log'), 'a')
  const others = ['httpAddr=127.0.0.1:18080', 'grpcAddr=127.0.0.1:15010', 'secureGRPCAddr=127.0.0.1:15012']
  const flags = [...others, 'monitoringAddr=127.0.0.1:15014', `httpsAddr=${HOST}:${PORT}`, 'domain=cluster.local']
  const kubeconfig = `--kubeconfig=${kubernetesFiles(lab.folder).kubeconfig('admin')}`
  return spawn(istioFiles(lab.folder).program, ['discovery', kubeconfig, ...flags.map((flag) => `--${flag}`)], {
    cwd: folder,
    stdio: ['ignore', log, log],
    env: {
      HOME: folder,
      PILOT_CERT_PROVIDER: 'istiod',
      POD_NAME: 'istiod',
      POD_NAMESPACE: NAMESPACE,
      REVISION: 'default',
      SERVICE_ACCOUNT: 'istiod',
    },
  })
}

/** The first init container that it gives a pod, which goes with how the network is rerouted. */
const FIRST: Readonly<Record<Rerouting, string>> = { plugin: 'istio-validation', container: 'istio-init' }

/** Of a pod that asks us for nothing; undefined when nobody injects anything. */
async function injectedFirst(): Promise<unknown> {
  const { status, object } = await create(POD.spec, {})
  return status === 201 ? initContainersOf(object)[0]?.['name'] : `an error: ${object['message']}`
}

/** Not asked in both places even for a moment. */
async function move(place: Place): Promise<void> {
  const from = place === 'before' ? NAMES.after : NAMES.before
  const found = await api.get<JsonObject>(`${CONFIGURATIONS}/${from}`)
  if (found === undefined) return
  await api.api(`${CONFIGURATIONS}/${from}`, { method: 'DELETE' })
  await until('Istio to inject nothing', async () => (await injectedFirst()) === undefined)
  const { kind, apiVersion } = found
  const webhooks = objectsAt(found, 'webhooks')
  await api.create(CONFIGURATIONS, { apiVersion, kind, metadata: { name: NAMES[place] }, webhooks })
}
