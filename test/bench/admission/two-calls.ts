/**
 * The least that two webhooks cost: Kerbside's own registrations, of a server that says yes to everything, or yes with Kerbside's own
 * patch. What is below is the API server's work of asking, and of a pod that has a sidecar; ours is what is above.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { runCli } from '../../cli/run-cli.ts'
import { POD } from '../../e2e/admission/restricted-pod.ts'
import { issue } from '../../lab/certificates.ts'
import { callOver } from '../../lab/https.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import type { Lab } from '../../lab/lab.ts'
import { ROOT } from '../../suite.ts'
import { NAMESPACE } from './burst.ts'
import { type Injector, SIGN, startProcess } from './injector.ts'

const HOST = 'hook.lab'
const PORT = '8443'
const URL = `https://${HOST}:${PORT}/`
const PROBE = `/api/v1/namespaces/${NAMESPACE}/pods?dryRun=All`
const PROBE_POD = { ...POD, metadata: { ...POD.metadata, name: 'probe' } }

/** @param withPatch whether they answer as ours does */
export async function twoCalls(lab: Lab, withPatch: boolean): Promise<Injector> {
  // Loaded here: it looks for its lab when it is loaded.
  const { INJECTION_FILE, readManifests } = await import('../../e2e/admission/installation.ts')
  const { api, apply, kubectl } = kubernetes(lab.folder)
  const { certificate, key } = await issue(lab.folder, { file: 'two-calls', commonName: HOST, hosts: [HOST] })
  const registrations = trusting(readManifests(['50-admission.yaml']), readFileSync(lab.files.authority))
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-bench-'))
  const patch = withPatch ? [await writePatch(folder, INJECTION_FILE)] : []
  const server = join(import.meta.dirname, 'yes-server.ts')
  const program = [process.execPath, server, HOST, PORT, certificate, key, ...patch] as const
  return {
    sign: withPatch ? SIGN : undefined,
    async start() {
      const running = await startProcess(program, { readyUrl: URL, env: {} })
      await apply(registrations)
      await untilAsked(() => api(PROBE, { method: 'POST', body: PROBE_POD }), readFileSync(lab.files.authority, 'utf8'))
      return running
    },
    async remove() {
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: registrations })
      await kubectl(['delete', '-f', '-'], { input })
      rmSync(folder, { recursive: true })
    },
  }
}

const TOKEN = { name: 'kube-api-access-xxxxx' }

/** What ours makes of such a pod as the API server shows it, with its own token mounted, by the command that needs no cluster. */
async function writePatch(folder: string, injection: object): Promise<string> {
  const file = (name: string, value: object) => {
    writeFileSync(join(folder, name), JSON.stringify(value))
    return join(folder, name)
  }
  const volumeMounts = [{ ...TOKEN, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }]
  const spec = {
    ...{ ...POD.spec, volumes: [{ ...TOKEN, emptyDir: {} }] },
    containers: POD.spec.containers.map((container) => ({ ...container, volumeMounts })),
  }
  const metadata = { ...POD.metadata, name: 'a', namespace: NAMESPACE }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec }
  const words = ['inject', '-f', file('pod.json', pod), '--injection', file('injection.yaml', injection)]
  const { out, err } = await runCli([...words, '--policy', join(ROOT, 'policies'), '--output', 'patch'])
  const [made] = JSON.parse(out) as readonly { readonly patch: readonly object[] }[]
  if (made === undefined) throw new Error(`no patch for a pod: ${err}`)
  return file('patch.json', made.patch)
}

/** Registrations take effect a moment after they are stored, and not both at once. */
async function untilAsked(ask: () => Promise<unknown>, ca: string): Promise<void> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; await wait(100)) {
    const asked = async () => Number((await callOver({ url: URL, ca })).body)
    const before = await asked()
    await ask()
    if ((await asked()) === before + 2) return
  }
  throw new Error('the two calls are not made')
}

const trusting = (configurations: readonly JsonObject[], authority: Buffer): object[] =>
  configurations.map((configuration) => ({
    ...configuration,
    webhooks: objectsAt(configuration, 'webhooks').map((webhook) => ({
      ...webhook,
      clientConfig: { ...objectAt(webhook, 'clientConfig'), caBundle: authority.toString('base64') },
    })),
  }))
