/**
 * A PyTorchJob of Kubeflow's own training operator: its pods are made by a controller that knows nothing of us, and read their data by
 * one label in the template of each replica.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { fillStore, install } from '../../demo/installation.ts'
import { trainingOperator } from '../../lab/build/training-operator.ts'
import { TRAIN } from '../../lab/images/names.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import { attach } from '../../lab/lab.ts'
import { ROOT } from '../../suite.ts'
import { POD } from '../admission/restricted-pod.ts'
import { forgetOthers } from './leftovers.ts'

vi.setConfig({ testTimeout: 400_000, hookTimeout: 400_000 })

const SOON = { timeout: 300_000, interval: 1000 }
const NAMESPACE = 'ml-quant'
const JOBS = `/apis/kubeflow.org/v1/namespaces/${NAMESPACE}/pytorchjobs`
const WORKERS = 2
const STOCKS = readFileSync(join(ROOT, 'node_modules/vega-datasets/data/stocks.csv'))

const lab = attach()
if (lab === undefined) throw new Error('this runs inside a lab')
const api = kubernetes(lab.folder)
const { kubectl } = api
const OPERATOR = join(trainingOperator(lab.folder).manifests, 'overlays/standalone')

beforeAll(async () => {
  await forgetOthers(api)
  await fillStore(lab)
  await install(lab)
  await kubectl(['apply', '--server-side', '-k', OPERATOR])
  const wait = { 'initContainer.yaml': readFileSync(join(import.meta.dirname, 'init-container.yaml'), 'utf8') }
  await api.apply([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'waiting', namespace: 'kubeflow' }, data: wait },
  ])
  await kubectl([
    'patch',
    '-n',
    'kubeflow',
    'deployment',
    'training-operator',
    '--patch',
    JSON.stringify(WITH_ITS_WAY_TO_WAIT),
  ])
  await kubectl(['rollout', 'status', '-n', 'kubeflow', 'deployment/training-operator', '--timeout=180s'])
})
afterAll(async () => {
  await kubectl(['delete', 'pytorchjobs', '--all', '-n', NAMESPACE, '--wait=false'])
  await kubectl(['delete', 'pods', '--all', '-n', NAMESPACE, '--wait=false'])
  await kubectl(['delete', '--ignore-not-found', '--wait=false', '-k', OPERATOR])
  await forgetOthers(api)
})

/** A strategic merge, as `kubectl patch` makes it. */
const WITH_ITS_WAY_TO_WAIT = {
  spec: {
    template: {
      spec: {
        volumes: [{ name: 'waiting', configMap: { name: 'waiting' } }],
        containers: [
          {
            name: 'training-operator',
            args: ['--enable-scheme=pytorchjob', `--pytorch-init-container-image=${TRAIN}`],
            volumeMounts: [{ name: 'waiting', mountPath: '/etc/config' }],
          },
        ],
      },
    },
  },
}

/** @param identity of all its pods */
function job(name: string, identity: string): object {
  const replicas = (count: number) => ({ replicas: count, restartPolicy: 'Never', template: { metadata, spec } })
  const metadata = { labels: { 'kerbside.io/identity': identity } }
  const command = ['python3', '-c', readFileSync(join(import.meta.dirname, 'gang.py'), 'utf8')]
  const spec = {
    ...{ serviceAccountName: 'trainer', securityContext: POD.spec.securityContext },
    containers: [{ ...POD.spec.containers[0], name: 'pytorch', image: TRAIN, command }],
  }
  return {
    apiVersion: 'kubeflow.org/v1',
    kind: 'PyTorchJob',
    metadata: { name, namespace: NAMESPACE },
    spec: { pytorchReplicaSpecs: { Master: replicas(1), Worker: replicas(WORKERS) } },
  }
}

type Job = { readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] } }
type Pods = {
  readonly items: readonly {
    readonly spec: { readonly initContainers: readonly { readonly name: string }[] }
  }[]
}

const podsOf = (name: string, format: 'json' | 'name') =>
  kubectl(['get', '-n', NAMESPACE, 'pods', '-l', `training.kubeflow.org/job-name=${name}`, '-o', format])

/** The operator's own webhook takes a moment to be known to the API server. */
const create = (name: string, identity: string) =>
  expect.poll(async () => (await api.api(JOBS, { method: 'POST', body: job(name, identity) })).status, SOON).toBe(201)

test('each pod of it has a sidecar before all else, and together they read the data', async () => {
  await create('train', 'quant-research')
  const standing = async () => {
    const { status } = (await api.get<Job>(`${JOBS}/train`)) ?? {}
    return status?.conditions?.findLast((condition) => condition.status === 'True')?.type
  }
  await expect.poll(standing, SOON).toMatch(/^(Succeeded|Failed)$/)
  const said = await kubectl(['logs', '-n', NAMESPACE, 'train-master-0', '-c', 'pytorch'])
  const { items } = JSON.parse(await podsOf('train', 'json')) as Pods
  expect(items.map(({ spec }) => spec.initContainers.map(({ name }) => name))).toEqual([
    ['kerbside'],
    ...Array.from({ length: WORKERS }, () => ['kerbside', 'init-pytorch']),
  ])
  expect(said.trim()).toBe(`${1 + WORKERS} read ${createHash('sha256').update(STOCKS).digest('hex')}`)
  expect(await standing()).toBe('Succeeded')
})

test('one that asks for the identity of another team makes no pod, and its events say why', async () => {
  await create('thief', 'climate-models')
  const events = () =>
    kubectl([
      'get',
      'events',
      '-n',
      NAMESPACE,
      '--field-selector',
      'involvedObject.name=thief',
      '-o',
      'jsonpath={.items[*].message}',
    ])
  await expect.poll(events, SOON).toContain('[unknown-identity]')
  expect((await podsOf('thief', 'name')).trim()).toBe('')
})
