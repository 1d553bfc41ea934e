/** The webhook and the broker as a cluster runs them, started from the command line, and the API server's calls to them. */
import type { ChildProcess } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { JsonObject } from '../../src/core/identity/json.ts'
import type { LabFolder } from '../lab/part.ts'
import { ended, KERBSIDE, startContainer } from './container.ts'

export const WEBHOOK = 'https://hook.lab:8443'
export const BROKER = 'https://broker.lab:8444'
/** Neither root nor any user of a pod. */
const SERVICE_USER = 65_533

export type ControlPlane = {
  /** What the API server does with a new pod: POSTs an AdmissionReview, and takes the answer. */
  review(stage: 'mutate' | 'validate', pod: JsonObject): Promise<ReviewAnswer>
  stop(): Promise<void>
}

export type ReviewAnswer = {
  readonly allowed: boolean
  readonly patch?: string
  readonly status?: { readonly message?: string }
  readonly warnings?: readonly string[]
}

/**
 * `folder` holds policies/, injection.yaml and keys.json; both keep their certificate authority there. They see it as
 * /control-plane.
 */
export async function startControlPlane(lab: LabFolder, folder: string, issuer: string): Promise<ControlPlane> {
  mkdirSync(folder, { recursive: true })
  chownSync(folder, SERVICE_USER, SERVICE_USER)
  const at = (name: string) => `/control-plane/${name}`
  const tls = join(folder, 'tls')
  const both = ['--policies', at('policies'), '--tls-directory', at('tls'), '--drain-seconds', '0']
  const webhook = program(lab, folder, ['webhook', ...both, '--name', 'hook.lab', '--injection', at('injection.yaml')])
  await answers(webhook, `${WEBHOOK}/readyz`, tls)
  const keys = ['--keys-file', at('keys.json'), '--issuer', issuer]
  const broker = program(lab, folder, ['broker', ...both, '--name', 'broker.lab', ...keys])
  await answers(broker, `${BROKER}/readyz`, tls)
  return {
    async review(stage, pod) {
      const { metadata } = pod as { metadata: { namespace: string; name: string; uid: string } }
      const asked = {
        uid: metadata.uid,
        kind: { group: '', version: 'v1', kind: 'Pod' },
        resource: { group: '', version: 'v1', resource: 'pods' },
        operation: 'CREATE',
        namespace: metadata.namespace,
        name: metadata.name,
        userInfo: { username: 'system:serviceaccount:kube-system:job-controller' },
        object: pod,
      }
      const body = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: asked }
      const { text } = await call(`${WEBHOOK}/${stage}`, tls, JSON.stringify(body))
      return (JSON.parse(text) as { response: ReviewAnswer }).response
    },
    async stop() {
      await Promise.all([webhook, broker].map(({ child }) => ended(child)))
    },
  }
}

type Program = { readonly child: ChildProcess; readonly log: () => string }

function program(lab: LabFolder, folder: string, args: readonly string[]): Program {
  const child = startContainer(lab, {
    user: SERVICE_USER,
    readOnlyRoot: true,
    mounts: [{ from: folder, to: '/control-plane', readOnly: false }],
    env: {},
    command: [...KERBSIDE, ...args],
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (log += text))
  return { child, log: () => log }
}

async function answers({ child, log }: Program, url: string, tls: string): Promise<void> {
  for (const deadline = performance.now() + 30_000; ; await wait(50)) {
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`${url} does not answer:\n${log().slice(-2000)}`)
    }
    const { status } = await call(url, tls).catch(() => ({ status: 0 }))
    if (status === 200) return
  }
}

function call(url: string, tls: string, body?: string): Promise<{ status: number; text: string }> {
  const ca = join(tls, 'ca.crt')
  if (!existsSync(ca)) return Promise.reject(new Error('there is no authority yet'))
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: body === undefined ? 'GET' : 'POST', headers, ca: readFileSync(ca) },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
      },
    )
    sent.on('error', reject).end(body)
  })
}
