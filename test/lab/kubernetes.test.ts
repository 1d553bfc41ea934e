/** The lab's cluster is a real one: pods run to their end, see only the lab, and get secrets by the reserved audience alone. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TRAIN } from './images/names.ts'
import { kubernetes } from './kubernetes.ts'
import { attach } from './lab.ts'
import { AUDIENCE, openbao } from './openbao.ts'

const lab = attach()
if (lab === undefined) throw new Error('these tests run inside a lab')
const { kubectl, apply, waitFor, logs, namespace } = kubernetes(lab.folder)
const store = openbao(lab.folder)

const NAMESPACE = `lab-smoke-${randomBytes(4).toString('hex')}`
const SECRET = randomBytes(12).toString('hex')
const AUTHORITY = 'lab-authority'

type Job = { status?: { succeeded?: number; failed?: number } }
type Pod = { status: { phase: string; podIP?: string; containerStatuses?: { name: string; state: object }[] } }

beforeAll(async () => {
  await namespace(NAMESPACE)
  await kubectl(['create', 'configmap', AUTHORITY, '-n', NAMESPACE, `--from-file=ca.pem=${lab.files.authority}`])
  await store.putSecret('smoke', { word: SECRET })
  await store.bindRole({ role: 'smoke', serviceAccounts: ['default'], namespaces: [NAMESPACE], paths: ['smoke'] })
})

afterAll(() => kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']))

/** What a sidecar does: logs in with a token from a file, then reads `kv/PATH`. Prints the last answer and its status. */
function logInAndRead(token: string, path: string): string {
  return [
    'cd /tmp',
    `printf '{"role":"smoke","jwt":"%s"}' "$(cat ${token})" >login`,
    'bao() { curl -sS --cacert /lab/ca.pem -w \'\\nstatus %{http_code}\\n\' "$@"; }',
    'bao -d @login https://bao.lab:8200/v1/auth/kubernetes/login >answer',
    'key=$(sed -n \'s/.*"client_token":"\\([^"]*\\)".*/\\1/p\' answer)',
    `if [ -n "$key" ]; then bao -H "X-Vault-Token: $key" https://bao.lab:8200/v1/kv/data/${path} >answer; fi`,
    'cat answer',
  ].join('\n')
}

const VOLUMES = [
  { name: 'lab', configMap: { name: AUTHORITY } },
  {
    name: 'kerbside-token',
    projected: { sources: [{ serviceAccountToken: { path: 'token', audience: AUDIENCE, expirationSeconds: 600 } }] },
  },
]
const MOUNTS = [
  { name: 'lab', mountPath: '/lab' },
  { name: 'kerbside-token', mountPath: '/reserved' },
]

function container(name: string, script: string, more: object = {}): object {
  return { name, image: TRAIN, command: ['sh', '-c', script], volumeMounts: MOUNTS, ...more }
}

async function runPod(name: string, script: string): Promise<string> {
  const spec = { restartPolicy: 'Never', containers: [container('main', script)], volumes: VOLUMES }
  await apply([{ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: NAMESPACE, name }, spec }])
  const path = `/api/v1/namespaces/${NAMESPACE}/pods/${name}`
  await waitFor<Pod>(path, ({ status }) => ['Succeeded', 'Failed'].includes(status.phase))
  return logs(NAMESPACE, name, 'main')
}

describe('a Job with a native sidecar', () => {
  const job = { namespace: NAMESPACE, name: 'with-sidecar' }

  beforeAll(async () => {
    const sidecar = container('beside', 'trap "echo ended; exit 0" TERM; touch /tmp/up; while :; do sleep 0.2; done', {
      restartPolicy: 'Always',
      startupProbe: { exec: { command: ['test', '-e', '/tmp/up'] }, periodSeconds: 1 },
    })
    const spec = { initContainers: [sidecar], containers: [container('main', 'echo trained')], volumes: VOLUMES }
    const template = { spec: { ...spec, restartPolicy: 'Never', terminationGracePeriodSeconds: 5 } }
    await apply([{ apiVersion: 'batch/v1', kind: 'Job', metadata: job, spec: { backoffLimit: 0, template } }])
  })

  it('runs to completion although the sidecar would run for ever', async () => {
    const path = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${job.name}`
    const ended = await waitFor<Job>(path, ({ status }) => (status?.succeeded ?? 0) + (status?.failed ?? 0) > 0)
    expect(ended.status).toMatchObject({ succeeded: 1 })
  })

  it('leaves the logs of both containers', async () => {
    expect(await kubectl(['logs', '-n', NAMESPACE, `job/${job.name}`, '-c', 'main'])).toBe('trained\n')
    expect(await kubectl(['logs', '-n', NAMESPACE, `job/${job.name}`, '-c', 'beside'])).toBe('ended\n')
  })
})

describe('the secret store', () => {
  it('gives a secret to a token of the reserved audience', async () => {
    const output = await runPod('reserved', logInAndRead('/reserved/token', 'smoke'))
    expect(output).toContain(SECRET)
    expect(output).toContain('status 200')
  })

  it('refuses the token that every pod has by default', async () => {
    const output = await runPod('default', logInAndRead('/var/run/secrets/kubernetes.io/serviceaccount/token', 'smoke'))
    expect(output).not.toContain(SECRET)
    expect(output).toContain('status 403')
    expect(output).toContain('invalid audience (aud) claim')
  })

  it('refuses a role its neighbour path, also one that starts with the same letters', async () => {
    await store.putSecret('smoke-screen', { word: SECRET })
    const output = await runPod('neighbour', logInAndRead('/reserved/token', 'smoke-screen'))
    expect(output).not.toContain(SECRET)
    expect(output).toContain('status 403')
  })
})

describe('a running pod', () => {
  const path = `/api/v1/namespaces/${NAMESPACE}/pods/idle`

  beforeAll(async () => {
    const containers = [container('main', 'trap "exit 0" TERM; echo up; while :; do sleep 0.2; done')]
    await apply([
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { namespace: NAMESPACE, name: 'idle' },
        spec: { containers, volumes: VOLUMES },
      },
    ])
    await waitFor<Pod>(path, ({ status }) => status.phase === 'Running')
  })

  const exec = (...command: string[]) => kubectl(['exec', '-n', NAMESPACE, 'idle', '--', ...command])

  it('has no route out', async () => {
    await expect(exec('curl', '-sS', '-m', '5', 'http://192.0.2.1/')).rejects.toThrow(/ended with 7|Couldn't connect/)
    expect(await exec('ip', 'route')).not.toContain('default')
  })

  it('finds the services of the lab by name, and no other name', async () => {
    expect(await exec('nslookup', 'nn1.lab')).toContain('10.77.0.11')
    expect(await exec('sh', '-c', 'nslookup example.org || true')).toContain('NXDOMAIN')
  })

  it('reaches the API server by the address and the token that every pod is given', async () => {
    const account = '/var/run/secrets/kubernetes.io/serviceaccount'
    const script = [
      `curl -sS --cacert ${account}/ca.crt -H "Authorization: Bearer $(cat ${account}/token)"`,
      '"https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/apis/authentication.k8s.io/v1/selfsubjectreviews"',
      '-H "Content-Type: application/json" -d "{}"',
    ].join(' ')
    expect(await exec('sh', '-c', script)).toContain(`system:serviceaccount:${NAMESPACE}:default`)
    expect(await exec('nslookup', 'kubernetes.default.svc.cluster.local')).toContain('10.96.0.1')
  })

  it('is found under the name of its Service, and no longer once it does not belong to it', async () => {
    const metadata = { namespace: NAMESPACE, name: 'idle' }
    const name = `idle.${NAMESPACE}.svc`
    const find = () => exec('sh', '-c', `getent hosts ${name} || nslookup ${name}.cluster.local || true`)
    const pod = await waitFor<Pod>(path, ({ status }) => status.podIP !== undefined)
    await apply([
      { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: 'None', selector: { run: 'idle' } } },
    ])
    await expect.poll(find).toContain('NXDOMAIN')
    await kubectl(['label', 'pod', '-n', NAMESPACE, 'idle', 'run=idle'])
    await expect.poll(find, { timeout: 30_000 }).toContain(pod.status.podIP)
    await kubectl(['label', 'pod', '-n', NAMESPACE, 'idle', 'run-'])
    await expect.poll(find, { timeout: 30_000 }).toContain('NXDOMAIN')
  })

  it('is reached by logs and exec', async () => {
    expect(await logs(NAMESPACE, 'idle', 'main')).toBe('up\n')
    expect(await exec('hostname')).toBe('idle\n')
  })

  it('imports the Python clients that the demo uses', async () => {
    expect(
      await exec('python3', '-c', 'import fsspec, requests; print(fsspec.get_filesystem_class("webhdfs").__name__)'),
    ).toBe('WebHDFS\n')
  })
})
