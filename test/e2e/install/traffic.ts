/** What goes on while an installation changes: pods that are created without end, and one that reads without end. */
import { setTimeout as wait } from 'node:timers/promises'
import { stringify } from 'yaml'
import type { JsonObject } from '../../../src/core/identity/json.ts'
import type { Kubernetes } from '../../lab/kubernetes.ts'

const WRITERS = 2
const PAUSE_MS = 25
const READ = 'http://127.0.0.1:9870/webhdfs/v1/data/market?op=LISTSTATUS'

export type Stream = {
  /** Resolves with the image of the sidecar in the next pod that is created from now on. */
  next(): Promise<string>
  end(): Promise<{ readonly created: number; readonly wrong: readonly string[]; readonly images: ReadonlySet<string> }>
}

function podOf(name: string, command: readonly string[]): JsonObject {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { 'kerbside.io/identity': 'quant-research' } },
    spec: {
      serviceAccountName: 'trainer',
      automountServiceAccountToken: false,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'train', image: 'lab/train:1', command: [...command], securityContext }],
    },
  }
}

/** Each goes through the whole of admission and is not kept. */
export function streamOfPods({ api }: Kubernetes, namespace: string): Stream {
  const wrong: string[] = []
  const images = new Set<string>()
  let created = 0
  let isEnding = false

  async function one(): Promise<string | undefined> {
    const body = podOf('stream', ['true'])
    const answer = await api(`/api/v1/namespaces/${namespace}/pods?dryRun=All`, { method: 'POST', body })
    created += 1
    if (answer.status !== 201) {
      wrong.push(`${answer.status}: ${answer.body.trim()}`)
      return undefined
    }
    const { spec } = JSON.parse(answer.body) as { spec: { initContainers?: { name: string; image: string }[] } }
    const image = spec.initContainers?.find(({ name }) => name === 'kerbside')?.image
    if (image === undefined) wrong.push('a pod without a sidecar')
    else images.add(image)
    return image
  }
  const writers = Array.from({ length: WRITERS }, async () => {
    while (!isEnding) {
      await one()
      await wait(PAUSE_MS)
    }
  })
  return {
    next: async () => (await one()) ?? 'refused',
    async end() {
      isEnding = true
      await Promise.all(writers)
      return { created, wrong, images }
    },
  }
}

/** A pod that lists a folder again and again through its sidecar; resolves when it has begun. */
export async function reader(
  { apply, waitFor, logs, kubectl }: Kubernetes,
  { namespace, name }: { readonly namespace: string; readonly name: string },
) {
  const loop = `while :; do curl -sS -o /dev/null -w '%{http_code}\\n' '${READ}' || echo failed; sleep 0.2; done`
  const pod = podOf(name, ['sh', '-c', loop])
  await apply(stringify({ ...pod, metadata: { ...(pod['metadata'] as JsonObject), namespace } }))
  type Status = { status: { phase?: string } }
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`
  await waitFor<Status>(path, ({ status }) => status.phase === 'Running', { timeoutSeconds: 200 })
  return {
    async end() {
      const lines = (await logs(namespace, name, 'train')).trim().split('\n')
      await kubectl(['delete', 'pod', name, '-n', namespace, '--wait=false'])
      return { answers: lines.length, failed: lines.filter((line) => line !== '200') }
    },
  }
}
