/** What an operator brings for the records: volumes, an OpenID provider with its secret, a certificate, and the values that name them. */
import { execFile } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { certify } from '../../../src/io/tls/x509.ts'
import { snapshotterFor } from '../../lab/images/store.ts'
import type { Kubernetes } from '../../lab/kubernetes.ts'
import { containerdFiles } from '../../lab/parts/containerd.ts'
import { CLIENT_ID, CLIENT_SECRET, realProvider } from '../../review/login/real-provider.ts'
import { lab, NAMESPACE, ROOT } from './helm.ts'

const HOST = 'hook.lab'
const DAY_MS = 86_400_000
/** User and group of our programs. */
const OURS = 65_532
const CLAIMS = ['kerbside-audit', 'kerbside-journal', 'kerbside-lake', 'kerbside-export'] as const
/** Account at the provider → its groups. */
const ACCOUNTS = new Map([['rita', ['security']]])

export type Records = {
  readonly values: object
  /** PEM, of provider and page. */
  readonly ca: string
  /** Where readers ask for the page. */
  readonly url: string
  /** Folder that is /var/kerbside/lake in the exporter. */
  readonly lake: string
  end(): Promise<void>
}

/** The lab has the image of webhook, broker and sidecar alone: few tests need DuckDB, and it is large. */
export async function loadReviewImage(): Promise<void> {
  const write = [
    process.execPath,
    join(ROOT, 'test/lab/images/product.ts'),
    containerdFiles(lab.folder).base,
    '--review',
  ]
  const pipe = '"$@" | ctr --namespace k8s.io images import -'
  const env = { ...process.env, CONTAINERD_SNAPSHOTTER: snapshotterFor(lab.folder) }
  await promisify(execFile)('sh', ['-c', pipe, 'sh', ...write], { env })
}

export async function bringRecords(api: Kubernetes): Promise<Records> {
  const folder = join(lab.folder.path, 'install-volumes')
  const life = { notBefore: Date.now() - DAY_MS, notAfter: Date.now() + DAY_MS }
  const authority = await certify({ commonName: 'company authority', ...life })
  const { certificatePem, keyPem } = await certify({ commonName: HOST, names: [HOST], ...life }, authority)
  const caPem = authority.certificatePem
  const entrance = await openEntrance(api)
  const tls = { caPem, certificatePem, keyPem, host: HOST }
  const provider = await realProvider(tls, ACCOUNTS, () => [`${entrance.url}/login/callback`])
  await api.apply([
    ...CLAIMS.flatMap((name) => volume(name, join(folder, name))),
    secret('kerbside-login', { 'client-secret': CLIENT_SECRET, 'ca.pem': caPem }),
    secret('kerbside-review-tls', { 'tls.crt': certificatePem, 'tls.key': keyPem, 'ca.crt': caPem }),
  ])
  return {
    values: valuesFor(provider.url, entrance.url),
    ca: caPem,
    url: entrance.url,
    lake: join(folder, 'kerbside-lake'),
    async end() {
      await Promise.all([provider.close(), entrance.close()])
      const flags = ['--ignore-not-found', '--wait=false']
      await api.kubectl(['delete', 'secret', 'kerbside-login', 'kerbside-review-tls', '-n', NAMESPACE, ...flags])
      await api.kubectl(['delete', 'persistentvolumeclaim', ...CLAIMS, '-n', NAMESPACE, ...flags])
      await api.kubectl(['delete', 'persistentvolume', ...CLAIMS, ...flags])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function valuesFor(issuer: string, url: string): object {
  const claim = (claimName: (typeof CLAIMS)[number]) => ({ persistentVolumeClaim: { claimName } })
  const login = { issuer, clientId: CLIENT_ID, url, authoritiesFile: '/etc/kerbside/login-secret/ca.pem' }
  const anywhere = [{ ipBlock: { cidr: '0.0.0.0/0' } }]
  return {
    audit: { volume: claim('kerbside-audit') },
    review: {
      login: { ...login, reviewers: ['security'] },
      loginSecret: 'kerbside-login',
      tlsSecret: 'kerbside-review-tls',
      journal: claim('kerbside-journal'),
    },
    export: {
      state: claim('kerbside-export'),
      lake: claim('kerbside-lake'),
      sinks: [
        { name: 'lake', to: 'parquet', directory: '/var/kerbside/lake/audit', everySeconds: 1 },
        { name: 'out', to: 'stdout' },
      ],
    },
    networkPolicies: { readersFrom: anywhere, reviewEgress: [{ to: anywhere }] },
  }
}

/** As an ingress does it that leaves TLS alone: forwards to whatever stands behind the Service of the page. */
async function openEntrance(api: Kubernetes) {
  const readers = new Set<Socket>()
  const server = createServer((reader) => {
    readers.add(reader.once('close', () => readers.delete(reader)))
    reader.on('error', () => reader.destroy())
    behindService(api, 'kerbside-review').then(
      ({ address, port }) => {
        const page = connect(port, address)
        page.on('error', () => reader.destroy())
        reader.on('close', () => page.destroy())
        reader.pipe(page).pipe(reader)
      },
      () => reader.destroy(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve))
  return {
    url: `https://${HOST}:${(server.address() as AddressInfo).port}`,
    close() {
      // A page that is gone with its pod ends no connection.
      for (const reader of readers) reader.destroy()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function behindService({ get }: Kubernetes, name: string) {
  type Slices = { items: { endpoints: { addresses: string[] }[]; ports: { port: number }[] }[] }
  const selector = encodeURIComponent(`kubernetes.io/service-name=${name}`)
  const path = `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices?labelSelector=${selector}`
  const [slice] = (await get<Slices>(path))?.items ?? []
  const [address, port] = [slice?.endpoints[0]?.addresses[0], slice?.ports[0]?.port]
  if (address === undefined || port === undefined) throw new Error(`nothing stands behind ${name}`)
  return { address, port }
}

/** A folder of the node, which the claim of the same name gets; given to our group, as a driver does for `fsGroup`. */
function volume(name: string, path: string): readonly object[] {
  mkdirSync(path, { recursive: true })
  chownSync(path, OURS, OURS)
  chmodSync(path, 0o2770)
  const size = { storage: '1Gi' }
  const common = { accessModes: ['ReadWriteMany'], storageClassName: '' }
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: { ...common, capacity: size, hostPath: { path }, claimRef: { name, namespace: NAMESPACE } },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: NAMESPACE },
      spec: { ...common, resources: { requests: size }, volumeName: name },
    },
  ]
}

const secret = (name: string, stringData: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: NAMESPACE },
  stringData,
})
