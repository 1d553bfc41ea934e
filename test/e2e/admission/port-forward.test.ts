/** A port of a pod with an identity is not forwarded: tried with kubectl, through API server and kubelet, to pods that run. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { kubernetesBinary } from '../../lab/build/kubernetes.ts'
import { TRAIN } from '../../lab/images/names.ts'
import { kubernetesFiles } from '../../lab/kubernetes-files.ts'
import { api, type Installation, install, lab, TENANT, until } from './installation.ts'
import { POD } from './restricted-pod.ts'
import { asTenant, pods } from './tenant.ts'

const PORT = 9870
const PRIVILEGED = ['label', 'namespace', 'ml-quant', '--overwrite']
const BINDING = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/kerbside-port-forward'

/**
 * Stands where the sidecar stands, and for its gateway: it listens on loopback alone, and says who it is to whoever connects.
 * That the gateway itself listens there, test/e2e/gateway shows.
 */
const ANSWERING = {
  image: TRAIN,
  imagePullPolicy: 'Never',
  command: ['sh', '-c', `while :; do printf 'HTTP/1.0 200 OK\\r\\n\\r\\ngateway\\n' | nc -l 127.0.0.1:${PORT}; done`],
  readinessProbe: { exec: { command: ['sh', '-c', `netstat -ltn | grep -q 127.0.0.1:${PORT}`] }, periodSeconds: 1 },
}

type Started = { readonly status: { readonly containerStatuses?: readonly { readonly ready: boolean }[] } }

let installation: Installation
beforeAll(async () => {
  installation = await install()
  // Without the webhooks, which would want the sidecar itself in its place; the policies are what is looked at.
  await api.kubectl(['delete', 'mutatingwebhookconfiguration/a-kerbside', 'validatingwebhookconfiguration/kerbside'])
  await api.kubectl([...PRIVILEGED, 'pod-security.kubernetes.io/enforce=privileged'])
  for (const [name, metadata] of [
    ['forwarded', POD.metadata],
    ['plain', {}],
  ] as const) {
    const spec = { containers: [{ name: 'kerbside', ...ANSWERING }], terminationGracePeriodSeconds: 0 }
    await until('the webhooks to be asked no more', async () => {
      return (await asTenant('POST', pods(), { metadata: { ...metadata, name }, spec })).status === 201
    })
    await api.waitFor<Started>(`${pods()}/${name}`, ({ status }) => status.containerStatuses?.[0]?.ready === true)
  }
})
afterAll(async () => {
  await api.kubectl([...PRIVILEGED, 'pod-security.kubernetes.io/enforce=restricted'])
  await installation?.uninstall()
})

/** What the tenant hears: from the pod, or from kubectl. */
async function forward(pod: string, protocol: 'websocket' | 'spdy'): Promise<string> {
  const files = kubernetesFiles(lab.folder)
  const common = ['--kubeconfig', files.kubeconfig('admin'), '--cache-dir', files.kubectlCache, '--as', TENANT]
  const child = spawn(
    kubernetesBinary(lab.folder, 'kubectl'),
    [...common, 'port-forward', '-n', 'ml-quant', pod, `:${PORT}`],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { KUBECTL_PORT_FORWARD_WEBSOCKETS: String(protocol === 'websocket') },
    },
  )
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
  const end = once(child, 'close')
  try {
    for (let tries = 0; tries < 300 && child.exitCode === null; tries++) {
      const [, port] = /127\.0\.0\.1:(\d+)/.exec(said) ?? []
      const answer = port === undefined ? undefined : await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
      if (answer?.ok) return await answer.text()
      await wait(100)
    }
  } finally {
    child.kill()
    await end
  }
  return said
}

test.each(['websocket', 'spdy'] as const)(
  'does not reach the gateway of a pod with an identity, by %s',
  async (protocol) => {
    expect(await forward('forwarded', protocol)).toContain('[port-forward]')
    expect(await forward('plain', protocol)).toBe('gateway\n')
  },
)

test('reaches it once the policy is not bound any more: nothing else stands in the way', async () => {
  await api.api(BINDING, { method: 'DELETE' })
  await until('the policy to be gone', async () => {
    const { object } = await asTenant('POST', `${pods()}/forwarded/portforward`)
    return !JSON.stringify(object).includes('[port-forward]')
  })
  expect(await forward('forwarded', 'websocket')).toBe('gateway\n')
})
