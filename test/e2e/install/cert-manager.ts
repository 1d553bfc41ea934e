/** cert-manager in the lab: its definitions, its two programs beside the cluster, and an issuer that signs by an authority of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type JsonObject, objectAt } from '../../../src/core/identity/json.ts'
import { certManagerFiles } from '../../lab/build/cert-manager.ts'
import type { Kubernetes } from '../../lab/kubernetes.ts'
import { kubernetesFiles } from '../../lab/kubernetes-files.ts'
import { lab } from './helm.ts'

export const ISSUER = { name: 'platform', kind: 'ClusterIssuer' } as const
const OWN_NAMESPACE = 'cert-manager'
const AUTHORITY = 'platform-authority'

export type CertManager = {
  /** Of its authority, in PEM. */
  readonly authority: string
  end(): Promise<void>
}

export async function startCertManager(api: Kubernetes): Promise<CertManager> {
  const { controller, injector, definitions } = certManagerFiles(lab.folder)
  const files = readdirSync(definitions).filter((file) => file.endsWith('.yaml'))
  await api.apply(files.map((file) => definition(readFileSync(join(definitions, file), 'utf8'))))
  await api.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s'])
  await api.namespace(OWN_NAMESPACE)
  const programs = [
    start(controller, ['--cluster-resource-namespace', OWN_NAMESPACE, '--metrics-listen-address', '127.0.0.1:9402']),
    start(injector, []),
  ]
  await api.apply([
    { apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', metadata: { name: 'itself' }, spec: { selfSigned: {} } },
    {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name: AUTHORITY, namespace: OWN_NAMESPACE },
      spec: {
        ...{ isCA: true, commonName: 'platform authority', secretName: AUTHORITY },
        privateKey: { algorithm: 'ECDSA', size: 256 },
        issuerRef: { name: 'itself', kind: 'ClusterIssuer' },
      },
    },
    {
      apiVersion: 'cert-manager.io/v1',
      kind: ISSUER.kind,
      metadata: { name: ISSUER.name },
      spec: { ca: { secretName: AUTHORITY } },
    },
  ])
  await api.kubectl(['wait', '--for=condition=Ready', ISSUER.kind, ISSUER.name, '--timeout=120s'])
  return {
    authority: await certificateIn(api, OWN_NAMESPACE, AUTHORITY),
    async end() {
      await Promise.all(programs.map(stopped))
      await api.kubectl(['delete', 'crd', ...(await definedBy(api)), '--ignore-not-found', '--timeout=60s'])
      await api.kubectl(['delete', 'namespace', OWN_NAMESPACE, '--wait=false'])
    },
  }
}

/** `tls.crt` of a Secret. */
export async function certificateIn({ get }: Kubernetes, namespace: string, name: string): Promise<string> {
  type Secret = { readonly data?: Readonly<Record<string, string>> }
  const secret = await get<Secret>(`/api/v1/namespaces/${namespace}/secrets/${name}`)
  return Buffer.from(secret?.data?.['tls.crt'] ?? '', 'base64').toString()
}

/** As its chart would render it: the labels are those of a release, and there is none. */
function definition(text: string): JsonObject {
  const { labels: _, ...metadata } = objectAt(parse(text) as JsonObject, 'metadata')
  return { ...(parse(text) as JsonObject), metadata }
}

async function definedBy({ kubectl }: Kubernetes): Promise<readonly string[]> {
  const names = (await kubectl(['get', 'crd', '-o', 'name'])).split('\n')
  return names.flatMap((name) => /^customresourcedefinition\S*\/(\S+cert-manager\.io)$/.exec(name)?.[1] ?? [])
}

function start(program: string, args: readonly string[]): ChildProcess {
  const log = openSync(join(lab.folder.path, 'cert-manager.log'), 'a')
  const kubeconfig = kubernetesFiles(lab.folder).kubeconfig('admin')
  const fixed = ['--kubeconfig', kubeconfig, '--leader-elect=false']
  return spawn(program, [...fixed, ...args], { stdio: ['ignore', log, log] })
}

async function stopped(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null) throw new Error('cert-manager ended by itself: see cert-manager.log of the lab')
  program.kill('SIGKILL')
  await once(program, 'exit')
}
