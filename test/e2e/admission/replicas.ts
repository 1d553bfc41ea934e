/**
 * Several webhooks behind the Service that deploy/manifests names, as processes. Who is ready stands in an EndpointSlice: it
 * is written here as the kubelet and the controller of endpoints do it, from the answers of `/readyz`.
 */
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseAllDocuments } from 'yaml'
import { HOSTS } from '../../lab/addresses.ts'
import { endpoint, service } from './behind-service.ts'
import { api, type Installation, until, type Webhook } from './installation.ts'
import { asTenant, podNamed, pods } from './tenant.ts'

const NAME = 'kerbside-webhook'
const SERVICE = { namespace: 'kerbside', name: NAME }
const SECRET = '/api/v1/namespaces/kerbside/secrets/kerbside-ca'
const MANIFEST = join(import.meta.dirname, '../../../deploy/manifests/50-admission.yaml')
/** As often as the readiness probe of the Deployment, or oftener. */
const PROBE_MS = 250
/** As the kubelet has it by default: one answer that is late says nothing. Who refuses a connection, or says no, is out at once. */
const SILENT_PROBES = 3

export type Replicas = {
  readonly ports: readonly number[]
  /** As a Pod that is deleted: told to end, out of the endpoints as soon as it says so. */
  stop(port: number): Promise<void>
  /** With the flags of the others, or with these. Resolves when it is among the endpoints: no rollout goes on before that. */
  start(port: number, flags?: readonly string[]): Promise<void>
  /** What the Secret holds now, in PEM. */
  authority(): Promise<{ readonly ca: string; readonly next: string | undefined }>
  log(): string
  end(): Promise<void>
}

/** In place of the one webhook of the installation, with an authority of their own making. */
export async function startReplicas(
  installation: Installation,
  { ports, flags }: { readonly ports: readonly number[]; readonly flags: readonly string[] },
): Promise<Replicas> {
  await installation.webhook.stop()
  await forgetAuthority()
  const running = new Map<number, Webhook>()
  const logs: (() => string)[] = []
  const start = async (port: number, own: readonly string[] = flags) => {
    const webhook = await installation.another(port, ['--name', `${NAME}.kerbside.svc`, ...own])
    running.set(port, webhook)
    logs.push(webhook.log)
  }
  /** When each was last seen ready, and stands as that among the endpoints. */
  const readyAt = new Map<number, number>()
  const stopAll = () => Promise.all([...running.values()].map((webhook) => webhook.stop()))
  try {
    for (const port of ports) await start(port)
    await putBehindService(ports)
  } catch (error) {
    await stopAll()
    throw error
  }
  let isEnded = false
  const probing = probe()

  async function probe(): Promise<void> {
    const known = new Map(ports.map((port) => [port, { isReady: true, silent: 0 }]))
    while (!isEnded) {
      for (const port of ports) {
        const before = known.get(port) ?? { isReady: true, silent: 0 }
        const said = await answersReady(port)
        const silent = said === undefined ? before.silent + 1 : 0
        const isReady = said ?? (before.isReady && silent < SILENT_PROBES)
        if (isReady !== before.isReady) await api.apply([endpoint(SERVICE, { port, ready: isReady })])
        known.set(port, { isReady, silent })
        if (said === true) readyAt.set(port, performance.now())
      }
      await wait(PROBE_MS)
    }
  }
  return {
    ports,
    async start(port, own) {
      await start(port, own)
      const begun = performance.now()
      await until(`${port} to be among the endpoints`, async () => (readyAt.get(port) ?? 0) > begun)
    },
    async stop(port) {
      await running.get(port)?.stop()
      running.delete(port)
    },
    async authority() {
      const { data } = (await api.get<{ data: Record<string, string> }>(SECRET)) ?? { data: {} }
      const text = (key: string) => (data[key] === undefined ? undefined : Buffer.from(data[key], 'base64').toString())
      return { ca: text('ca.crt') ?? '', next: text('next.crt') }
    },
    log: () => logs.map((log) => log()).join('\n'),
    async end() {
      isEnded = true
      await probing
      await stopAll()
      await api.kubectl([
        'delete',
        '-n',
        'kerbside',
        `service/${NAME}`,
        ...ports.map((port) => `endpointslice/${NAME}-${port}`),
      ])
      await forgetAuthority()
    },
  }
}

/** Instead of the URL that the installation put into the configurations. */
async function putBehindService(ports: readonly number[]): Promise<void> {
  await api.apply([service(SERVICE, 8443), ...ports.map((port) => endpoint(SERVICE, { port, ready: true }))])
  await api.kubectl(['delete', 'mutatingwebhookconfiguration/a-kerbside', 'validatingwebhookconfiguration/kerbside'])
  await api.apply(parseAllDocuments(readFileSync(MANIFEST, 'utf8')).map((each) => each.toJS() as object))
  let said = ''
  await until('the API server to trust the replicas', async () => {
    const { status, object } = await asTenant('POST', `${pods()}?dryRun=All`, podNamed('probe'))
    said = String(object['message'])
    return status === 201
  }).catch((error: Error) => {
    throw new Error(`${error.message}; it says: ${said}`)
  })
}

/** The next to start makes another one. */
async function forgetAuthority(): Promise<void> {
  const data = Object.fromEntries(['ca.crt', 'ca.key', 'next.crt', 'next.key'].map((key) => [key, null]))
  const headers = { 'content-type': 'application/merge-patch+json' }
  await api.api(SECRET, { method: 'PATCH', headers, body: { data } })
}

/** Undefined when nothing was said in time. Does not look at the certificate, like the kubelet. */
function answersReady(port: number): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    const url = `https://${HOSTS['hook.lab']}:${port}/readyz`
    request(url, { rejectUnauthorized: false, agent: false, timeout: 2000 }, (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
      .on('error', () => resolve(false))
      .on('timeout', () => resolve(undefined))
      .end()
  })
}
