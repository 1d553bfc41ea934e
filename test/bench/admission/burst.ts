/** Pods created at the lab's API server by many writers at once, and how long each of them waited. */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { POD } from '../../e2e/admission/restricted-pod.ts'
import { API_URL, kubernetesFiles } from '../../lab/kubernetes-files.ts'
import type { Lab } from '../../lab/lab.ts'

export const NAMESPACE = 'ml-quant'
const PODS = `${API_URL}/api/v1/namespaces/${NAMESPACE}/pods`

export type Burst = {
  readonly name: string
  readonly pods: number
  /** Requests under way at once, each on a connection that is kept. */
  readonly writers: number
}

export type Figures = {
  /** From the first request to the last answer. */
  readonly seconds: number
  /** For one pod, as its creator waits. */
  readonly medianMs: number
  readonly p99Ms: number
  /** Pods that were created without what was to be injected. */
  readonly bare: number
  /** Answers that were no 201. */
  readonly errors: number
}

/** Of both injectors: the label that ours goes by, the annotations of the other. No node takes these pods: their creation is measured. */
const podNamed = (name: string) => ({
  ...POD,
  metadata: {
    ...POD.metadata,
    name,
    annotations: { 'vault.hashicorp.com/agent-inject': 'true', 'vault.hashicorp.com/role': 'quant-research' },
  },
})

export type Writers = {
  /** @param sign what stands in every pod that was injected; absent where none is to be */
  create(burst: Burst, sign: string | undefined): Promise<Figures>
  /** Takes every pod of the namespace away. */
  clear(): Promise<void>
  close(): void
}

export function writersOf(lab: Lab, most: number): Writers {
  const { certificate, key } = kubernetesFiles(lab.folder).identity('admin')
  const tls = { ca: readFileSync(lab.files.authority), cert: readFileSync(certificate), key: readFileSync(key) }
  const agent = new Agent({ ...tls, keepAlive: true, maxSockets: most })

  function call(method: string, url: string, body?: object): Promise<{ status: number; text: string }> {
    const text = body === undefined ? '' : JSON.stringify(body)
    // Node frames the body of a DELETE only when its length is said.
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { method, agent, headers }, (answer) => {
        let heard = ''
        answer.setEncoding('utf8').on('data', (piece: string) => (heard += piece))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: heard }))
      })
      outgoing.on('error', reject)
      outgoing.end(text)
    })
  }

  async function create({ name, pods, writers }: Burst, sign: string | undefined): Promise<Figures> {
    const waitedMs: number[] = []
    let [next, bare, errors] = [0, 0, 0]
    const began = performance.now()
    const write = async () => {
      while (next < pods) {
        const pod = podNamed(`${name}-${next++}`)
        const from = performance.now()
        const { status, text } = await call('POST', PODS, pod)
        waitedMs.push(performance.now() - from)
        if (status !== 201) errors += 1
        else if (sign !== undefined && !text.includes(sign)) bare += 1
      }
    }
    await Promise.all(Array.from({ length: writers }, write))
    const seconds = (performance.now() - began) / 1000
    waitedMs.sort((one, other) => one - other)
    const at = (share: number) => waitedMs[Math.min(pods - 1, Math.floor(pods * share))] ?? Number.NaN
    return { seconds, medianMs: at(0.5), p99Ms: at(0.99), bare, errors }
  }

  return {
    create,
    async clear() {
      await call('DELETE', PODS, { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 })
      while ((JSON.parse((await call('GET', `${PODS}?limit=1`)).text) as { items: unknown[] }).items.length > 0) {
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    },
    close: () => agent.destroy(),
  }
}
