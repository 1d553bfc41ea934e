/**
 * What admission costs: the same pods created at the same API server without Kerbside, then with it. Runs inside a lab with
 * a kube-apiserver; started by itself it prints its figures as JSON.
 */

import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { kubernetes } from '../lab/kubernetes.ts'
import { API_URL, kubernetesFiles } from '../lab/kubernetes-files.ts'
import { attach } from '../lab/lab.ts'

export type AdmissionFigures = {
  readonly pods: number
  /** Requests under way at once, each on a connection that is kept. */
  readonly writers: number
  readonly without: Figures
  readonly with: Figures
}

export type Figures = {
  /** From the first request to the last answer. */
  readonly seconds: number
  /** For one pod, as its creator waits. */
  readonly medianMs: number
  readonly p99Ms: number
}

const NAMESPACE = 'ml-quant'
const LABELS = { 'kerbside.io/identity': 'quant-research' }
/** No node takes them: only their creation is measured. */
const SPEC = {
  serviceAccountName: 'trainer',
  nodeSelector: { nowhere: 'nowhere' },
  securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'train',
      image: 'lab/train:1',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
  ],
}

export async function benchAdmission({ pods = 200, writers = 16 } = {}): Promise<AdmissionFigures> {
  const lab = attach()
  if (lab === undefined) throw new Error('this runs inside a lab')
  const { apply, kubectl, namespace } = kubernetes(lab.folder)
  await namespace(NAMESPACE)
  await apply([{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'trainer', namespace: NAMESPACE } }])
  const { certificate, key } = kubernetesFiles(lab.folder).identity('admin')
  const tls = { ca: readFileSync(lab.files.authority), cert: readFileSync(certificate), key: readFileSync(key) }
  const agent = new Agent({ ...tls, keepAlive: true, maxSockets: writers })
  const round = async (name: string, count: number) => {
    const figures = await create({ agent, name, count, writers })
    await kubectl(['delete', 'pods', '--all', '-n', NAMESPACE, '--wait=true'])
    return figures
  }
  // Installed only between the two rounds: loaded here, as it looks for its lab when it is loaded.
  const { install } = await import('../e2e/admission/installation.ts')
  try {
    await round('warm', writers)
    const without = await round('without', pods)
    const installation = await install()
    try {
      await round('warm', writers)
      return { pods, writers, without, with: await round('with', pods) }
    } finally {
      await installation.uninstall()
    }
  } finally {
    agent.destroy()
  }
}

type Round = { readonly agent: Agent; readonly name: string; readonly count: number; readonly writers: number }

async function create({ agent, name, count, writers }: Round): Promise<Figures> {
  const durations: number[] = []
  let next = 0
  const began = performance.now()
  const write = async () => {
    while (next < count) {
      const pod = { metadata: { name: `${name}-${next++}`, labels: LABELS }, spec: SPEC }
      const from = performance.now()
      await post(agent, pod)
      durations.push(performance.now() - from)
    }
  }
  await Promise.all(Array.from({ length: writers }, write))
  const seconds = (performance.now() - began) / 1000
  durations.sort((one, other) => one - other)
  const at = (share: number) => durations[Math.min(count - 1, Math.floor(count * share))] ?? Number.NaN
  return { seconds, medianMs: at(0.5), p99Ms: at(0.99) }
}

function post(agent: Agent, pod: object): Promise<void> {
  const options = { method: 'POST', agent, headers: { 'content-type': 'application/json' } }
  return new Promise((resolve, reject) => {
    const outgoing = request(`${API_URL}/api/v1/namespaces/${NAMESPACE}/pods`, options, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (text: string) => (body += text))
      answer.on('end', () => (answer.statusCode === 201 ? resolve() : reject(new Error(body))))
    })
    outgoing.on('error', reject)
    outgoing.end(JSON.stringify(pod))
  })
}

if (import.meta.main) console.log(JSON.stringify(await benchAdmission()))
