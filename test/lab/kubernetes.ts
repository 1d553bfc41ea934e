/** The lab's Kubernetes as its administrator sees it. For code that runs inside the namespace. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { kubernetesBinary } from './build/kubernetes.ts'
import { labFiles } from './folder.ts'
import { type Answer, type Call, callOver } from './https.ts'
import { API_URL, kubernetesFiles } from './kubernetes-files.ts'
import type { LabFolder } from './part.ts'

export type Kubernetes = {
  /** Runs kubectl as cluster administrator; rejects with what it said when it fails. */
  kubectl(args: readonly string[], options?: { input?: string }): Promise<string>
  /** Server-side apply of YAML text, or of objects as they are. */
  apply(manifest: string | readonly object[]): Promise<void>
  /** One request to the API server as cluster administrator; every status is an answer. */
  api(path: string, options?: Pick<Call, 'method' | 'body' | 'headers'>): Promise<Answer>
  /** POSTs one object to a collection, for instance `/api/v1/namespaces`, and resolves with it as stored. */
  create<T = unknown>(path: string, object: object): Promise<T>
  /** The object at an API path, for instance `/api/v1/nodes/node1`, or undefined where there is none. */
  get<T>(path: string): Promise<T | undefined>
  /** Asks again until `done` is true of the object; rejects after `timeoutSeconds` with the last one seen. */
  waitFor<T>(path: string, done: (object: T) => boolean, options?: { timeoutSeconds?: number }): Promise<T>
  logs(namespace: string, pod: string, container: string): Promise<string>
  /** Makes a namespace and waits for its default service account, without which it admits no pod. */
  namespace(name: string, labels?: Readonly<Record<string, string>>): Promise<void>
}

const POLL_MS = 100

export function kubernetes(folder: LabFolder): Kubernetes {
  const files = kubernetesFiles(folder)
  const binary = kubernetesBinary(folder, 'kubectl')

  function kubectl(args: readonly string[], { input = '' }: { input?: string } = {}): Promise<string> {
    const common = ['--kubeconfig', files.kubeconfig('admin'), '--cache-dir', files.kubectlCache]
    return new Promise((resolve, reject) => {
      const child = spawn(binary, [...common, ...args], { stdio: 'pipe' })
      let out = ''
      let complaints = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
      child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
      child.on('error', reject)
      child.on('close', (code) => {
        if (code === 0) resolve(out)
        else reject(new Error(`kubectl ${args.join(' ')} ended with ${code}: ${complaints.trim()}`))
      })
      // A kubectl that ended early closes its input; what it said is told above.
      child.stdin.on('error', () => {}).end(input)
    })
  }

  async function apply(manifest: string | readonly object[]): Promise<void> {
    const input =
      typeof manifest === 'string' ? manifest : JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifest })
    await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input })
  }

  function api(path: string, options: Pick<Call, 'method' | 'body' | 'headers'> = {}): Promise<Answer> {
    const { certificate, key } = files.identity('admin')
    const tls = { ca: labFiles(folder).authority, cert: certificate, key }
    const read = Object.fromEntries(Object.entries(tls).map(([name, path]) => [name, readFileSync(path, 'utf8')]))
    return callOver({ url: `${API_URL}${path}`, ...(read as Record<keyof typeof tls, string>), ...options })
  }

  async function create<T>(path: string, object: object): Promise<T> {
    const { status, body } = await api(path, { method: 'POST', body: object })
    if (status !== 201) throw new Error(`POST ${path} answered ${status}: ${body.trim()}`)
    return JSON.parse(body) as T
  }

  async function get<T>(path: string): Promise<T | undefined> {
    const { status, body } = await api(path)
    if (status === 404) return undefined
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${body.trim()}`)
    return JSON.parse(body) as T
  }

  async function waitFor<T>(path: string, done: (object: T) => boolean, { timeoutSeconds = 60 } = {}): Promise<T> {
    const deadline = performance.now() + timeoutSeconds * 1000
    for (;;) {
      const object = await get<T>(path)
      if (object !== undefined && done(object)) return object
      if (performance.now() > deadline) {
        throw new Error(`${path} is not as awaited after ${timeoutSeconds} s: ${JSON.stringify(object, null, 1)}`)
      }
      await wait(POLL_MS)
    }
  }

  const logs = (namespace: string, pod: string, container: string) =>
    kubectl(['logs', '-n', namespace, pod, '-c', container])

  async function namespace(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    await apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }])
    await waitFor(`/api/v1/namespaces/${name}/serviceaccounts/default`, () => true)
  }

  return { kubectl, apply, api, create, get, waitFor, logs, namespace }
}
