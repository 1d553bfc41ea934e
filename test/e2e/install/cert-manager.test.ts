/** Certificates by cert-manager: the way there from our own, step by step as the webhook's page has it, a renewal, and the way back. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { ReportJson } from '../../../src/core/doctor/report.ts'
import { runCli } from '../../cli/run-cli.ts'
import { fillStore } from '../../demo/installation.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import { kubernetesFiles } from '../../lab/kubernetes-files.ts'
import { certificatesOf, ownAuthority, trust, trusted } from './authorities.ts'
import { type CertManager, certificateIn, ISSUER, startCertManager } from './cert-manager.ts'
import { CHART, helm, helmed, lab, NAMESPACE, ROOT, yamlOf } from './helm.ts'
import { forgetOthers } from './leftovers.ts'
import { reader, streamOfPods } from './traffic.ts'

const JOBS = 'ml-quant'
const LONG_MS = 600_000
const SECRETS = ['kerbside-webhook-tls', 'kerbside-broker-tls']
const SOON = { timeout: 180_000, interval: 1000 }
const WAIT = ['--namespace', NAMESPACE, '--wait', '--timeout', '10m']
const api = kubernetes(lab.folder)
const kubeconfig = kubernetesFiles(lab.folder).kubeconfig('admin')
const example = parse(readFileSync(join(ROOT, 'deploy/examples/injection.yaml'), 'utf8')) as object
/** That of the lab, which signed for the secret store. */
const authorities = readFileSync(lab.files.authority, 'utf8')
let certManager: CertManager

const valuesWith = (tls: object, trust: string) => ({
  tls,
  injection: { configMap: 'kerbside-sidecars', file: { ...example, authorities: authorities + trust } },
})
const upgrade = (values: object) => helmed(['upgrade', 'kerbside', CHART, ...WAIT, '--values', '-'], yamlOf(values))

beforeAll(async () => {
  await forgetOthers(api)
  await forgetSecrets()
  await fillStore(lab)
  certManager = await startCertManager(api)
  for (const name of [NAMESPACE, JOBS]) await api.namespace(name)
  await api.apply([{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'trainer', namespace: JOBS } }])
  const injection = join(ROOT, 'deploy/examples/injection.yaml')
  const { out } = await runCli([
    'render',
    '--only',
    'configuration',
    '--injection',
    injection,
    '--policy',
    join(ROOT, 'policies'),
  ])
  await api.apply(out)
  const install = ['install', 'kerbside', CHART, ...WAIT, '--values', '-']
  await helmed(install, yamlOf(valuesWith({ mode: 'own' }, certManager.authority)))
  // Sidecars know both authorities from here on.
  await upgrade(valuesWith({ mode: 'own' }, (await ownAuthority(api)) + certManager.authority))
}, LONG_MS)

afterAll(async () => {
  await helm(['uninstall', 'kerbside', '--namespace', NAMESPACE, '--ignore-not-found', '--wait'])
  await api.kubectl(['delete', 'pods', '--all', '-n', JOBS, '--wait=false'])
  await api.kubectl([
    'delete',
    'configmaps',
    'kerbside-policies',
    'kerbside-injection',
    '-n',
    NAMESPACE,
    '--ignore-not-found',
  ])
  await forgetSecrets()
  await certManager?.end()
}, LONG_MS)

/** cert-manager leaves there what it made. */
const forgetSecrets = () => api.kubectl(['delete', 'secrets', ...SECRETS, '-n', NAMESPACE, '--ignore-not-found'])

test(
  'from our own to its certificates, a new one, and back: no pod is refused, none goes without a sidecar, none is cut off',
  async () => {
    const ours = await ownAuthority(api)
    const theirs = certManager.authority
    const stream = streamOfPods(api, JOBS)
    const job = await reader(api, { namespace: JOBS, name: 'reads-on' })

    await upgrade(valuesWith({ mode: 'files', issuer: ISSUER }, ours + theirs))
    expect((await trusted(api)).map(certificatesOf)).toEqual([certificatesOf(ours + theirs)])

    await upgrade(valuesWith({ mode: 'cert-manager', issuer: ISSUER }, ours + theirs))
    await expect.poll(async () => (await trusted(api)).map(certificatesOf), SOON).toEqual([certificatesOf(theirs)])

    expect(await troubleWithTrust()).toEqual([])

    const before = await certificateIn(api, NAMESPACE, 'kerbside-webhook-tls')
    await renew('kerbside-webhook')
    await expect.poll(() => certificateIn(api, NAMESPACE, 'kerbside-webhook-tls'), SOON).not.toBe(before)

    await upgrade(valuesWith({ mode: 'files', issuer: ISSUER }, ours + theirs))
    await upgrade(valuesWith({ mode: 'own' }, ours + theirs))
    expect((await trusted(api)).map(certificatesOf)).toEqual([certificatesOf(ours + theirs)])
    expect(await ownAuthority(api)).toBe(ours)

    const { created, wrong } = await stream.end()
    expect(wrong).toEqual([])
    expect(created).toBeGreaterThan(100)
    const { answers, failed } = await job.end()
    expect(failed).toEqual([])
    expect(answers).toBeGreaterThan(20)
  },
  LONG_MS,
)

test(
  'an authority that nobody named goes within seconds',
  async () => {
    const stranger = readFileSync(join(ROOT, 'test/fixtures/authority.pem'), 'utf8')
    const [before = ''] = await trusted(api)
    await trust(api, before + stranger)
    expect((await trusted(api)).map(certificatesOf)).toEqual([certificatesOf(before + stranger)])
    await expect.poll(async () => (await trusted(api)).map(certificatesOf), SOON).toEqual([certificatesOf(before)])
  },
  LONG_MS,
)

/** What is wrong with the authorities, as `kerbside doctor cluster` says it. */
async function troubleWithTrust(): Promise<readonly unknown[]> {
  const words = ['doctor', 'cluster', '--kubeconfig', kubeconfig, '--output', 'json']
  const { findings } = JSON.parse((await runCli(words, false, () => false)).out) as ReportJson
  expect(findings.some(({ check }) => check === 'trust')).toBe(true)
  return findings.filter(({ check, state }) => check === 'trust' && state !== 'ok')
}

/** As `cmctl renew` asks for it. */
async function renew(name: string): Promise<void> {
  type Certificate = { readonly status: { readonly conditions: readonly object[] } }
  const path = `/apis/cert-manager.io/v1/namespaces/${NAMESPACE}/certificates/${name}`
  const found = await api.get<Certificate>(path)
  const issuing = { type: 'Issuing', status: 'True', reason: 'ManuallyTriggered', message: 'asked for by a test' }
  const conditions = [...(found?.status.conditions ?? []), { ...issuing, lastTransitionTime: new Date().toISOString() }]
  const headers = { 'content-type': 'application/merge-patch+json' }
  const { status, body } = await api.api(`${path}/status`, {
    method: 'PATCH',
    headers,
    body: { status: { conditions } },
  })
  expect(status, body).toBe(200)
}
