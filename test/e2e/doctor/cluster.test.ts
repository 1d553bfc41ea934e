/**
 * `kerbside doctor cluster` on a real installation: well as it stands, and each thing that is broken in it is named. The screen in
 * deploy/README.md is what it says here; `UPDATE_DOCS=1` writes it there.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { ReportJson } from '../../../src/core/doctor/report.ts'
import { runCli } from '../../cli/run-cli.ts'
import { install } from '../../demo/installation.ts'
import { type Kubernetes, kubernetes } from '../../lab/kubernetes.ts'
import { kubernetesFiles } from '../../lab/kubernetes-files.ts'
import { attach } from '../../lab/lab.ts'
import { makeAuthority } from '../../sidecar/policy/loopback-broker.ts'
import { ROOT } from '../../suite.ts'
import { forgetOthers } from '../install/leftovers.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 300_000 })

const SOON = { timeout: 120_000, interval: 500 }
const README = join(ROOT, 'deploy/README.md')
const JSON_PATCH = { 'content-type': 'application/json-patch+json' }
const REGISTRATION = '/apis/admissionregistration.k8s.io/v1'
const MUTATING = `${REGISTRATION}/mutatingwebhookconfigurations/a-kerbside`
const VALIDATING = `${REGISTRATION}/validatingwebhookconfigurations/kerbside`
const BROKER_ROLE = '/apis/rbac.authorization.k8s.io/v1/clusterroles/kerbside-broker'

const lab = attach()
if (lab === undefined) throw new Error('this runs inside a lab')
const { api, apply, kubectl } = kubernetes(lab.folder)
const kubeconfig = kubernetesFiles(lab.folder).kubeconfig('admin')

beforeAll(async () => {
  await forgetOthers({ kubectl } as Kubernetes)
  await install(lab)
})
afterAll(async () => {
  await kubectl(['delete', '--ignore-not-found', 'mutatingwebhookconfiguration', 'pod-defaults'])
  await kubectl(['delete', '--ignore-not-found', 'clusterrolebinding', 'kerbside-debugging'])
  await forgetOthers({ kubectl } as Kubernetes)
  await kubectl([
    'delete',
    '--ignore-not-found',
    '-n',
    'kerbside',
    'configmap',
    'kerbside-policies',
    'kerbside-injection',
  ])
})

const doctor = (by: string, ...more: readonly string[]) =>
  runCli(['doctor', 'cluster', '--kubeconfig', by, ...more], false, () => false)

/** What is not well: `fail webhooks a-kerbside: …`. */
async function complaints(): Promise<readonly string[]> {
  const { out, err } = await doctor(kubeconfig, '--output', 'json')
  expect(err).toBe('')
  const { findings } = JSON.parse(out) as ReportJson
  return findings
    .filter(({ state }) => state === 'fail' || state === 'warn')
    .map(({ check, about, state, says }) => `${state} ${check} ${about === null ? '' : `${about}: `}${says}`)
}

async function patch(path: string, ...operations: readonly object[]): Promise<void> {
  const { status, body } = await api(path, { method: 'PATCH', headers: JSON_PATCH, body: operations })
  expect(status, body).toBe(200)
}

const NOT_SIGNED = expect.stringMatching(/^warn policy kerbside-policies: \d+ identities, not signed/)

test('an installation as it should be is well, but for a policy that is not signed', async () => {
  await expect.poll(complaints, SOON).toEqual([NOT_SIGNED])
  const { code } = await doctor(kubeconfig)
  expect(code).toBe(0)
})

/** Until it is seen: the webhooks write their CA anew every ten seconds. */
async function seen(breakIt: () => Promise<void>, complaint: RegExp): Promise<void> {
  await expect
    .poll(async () => {
      await breakIt()
      return (await complaints()).join('\n')
    }, SOON)
    .toMatch(complaint)
}

test('an authority that is not ours is named, and what comes of it', async () => {
  const stranger = Buffer.from((await makeAuthority()).certificatePem).toString('base64')
  const path = '/webhooks/0/clientConfig/caBundle'
  const breakIt = () => patch(MUTATING, { op: 'replace', path, value: stranger })
  await seen(breakIt, /^fail trust a-kerbside: it trusts another authority/m)
  await expect.poll(complaints, SOON).toEqual([NOT_SIGNED])
})

test('what an administrator, a mesh or a tired hand did is named, each by itself', async () => {
  await patch(VALIDATING, { op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' })
  await patch(MUTATING, { op: 'add', path: '/webhooks/0/namespaceSelector', value: { matchLabels: { none: 'none' } } })
  await apply([LATER_WEBHOOK, EXTRA_BINDING])
  await kubectl(['delete', 'validatingadmissionpolicy', 'kerbside-exec'])
  const audits = [{ op: 'replace', path: '/spec/validationActions', value: ['Audit'] }]
  await patch(`${REGISTRATION}/validatingadmissionpolicybindings/kerbside-label`, ...audits)
  const secrets = { apiGroups: [''], resources: ['secrets'], verbs: ['list'] }
  await patch(BROKER_ROLE, { op: 'add', path: '/rules/-', value: secrets })
  await kubectl(['delete', '-n', 'kerbside', 'poddisruptionbudget', 'kerbside-webhook'])
  await kubectl(['scale', '-n', 'kerbside', 'deployment/kerbside-broker', '--replicas=1'])
  await kubectl(['delete', '-n', 'kerbside', 'configmap', 'kerbside-policies'])
  const wanted = [
    /^fail webhooks a-kerbside: its namespaceSelector selects no namespace/,
    /^fail webhooks kerbside: failurePolicy is Ignore/,
    /^warn order pod-defaults: `defaults\.example\.org` is called after ours/,
    /^fail guards 1 of \d+ are missing: kerbside-exec$/,
    /^fail guards kerbside-label: its binding only says Audit/,
    /^warn programs kerbside-broker: it has 1 replicas, not 2/,
    /^warn programs kerbside-webhook: there is no PodDisruptionBudget/,
    /^fail policy kerbside-policies: there is no ConfigMap/,
    /^fail rights kerbside-broker: it may more than ours: list secrets$/,
    /^fail rights kerbside-debugging: .* the ClusterRole `cluster-admin` as well, everywhere$/,
  ]
  await expect
    .poll(complaints, SOON)
    .toSatisfy((said: readonly string[]) => wanted.every((line) => said.some((each) => line.test(each))))
  const { code, out } = await doctor(kubeconfig)
  expect(code).toBe(1)
  holdsAsIn(README, out.trimEnd())
})

test('what it advises, done as it is printed, makes all well that a command can', async () => {
  const { out } = await doctor(kubeconfig, '--output', 'json')
  const { findings } = JSON.parse(out) as ReportJson
  const advised = findings.flatMap(({ advice }) => (advice === null ? [] : [advice.split('; ')[0] ?? '']))
  const commands = new Set(advised.filter((line) => line.startsWith('kubectl ')))
  expect(commands.size).toBeGreaterThan(4)
  for (const command of commands) await kubectl(command.split(' ').slice(1))
  const left = [
    expect.stringMatching(/^warn order pod-defaults: `defaults\.example\.org` is called after ours/),
    // The new one finds no policy.
    expect.stringMatching(/^warn programs kerbside-broker: 1 of 2 replicas are ready/),
    expect.stringMatching(/^fail policy kerbside-policies: there is no ConfigMap/),
  ]
  await expect.poll(complaints, SOON).toEqual(left)
})

test('without its webhooks a pod that must be refused is admitted, and that is told', async () => {
  await kubectl(['delete', 'mutatingwebhookconfiguration', 'a-kerbside'])
  await kubectl(['delete', 'validatingwebhookconfiguration', 'kerbside'])
  await seen(async () => {}, /^fail answer a pod with the label was admitted and we were not asked/m)
})

test('who may not read the cluster is told what is needed, and that nothing was found well', async () => {
  const nobody = kubernetesFiles(lab.folder).kubeconfig('node')
  const { code, out } = await doctor(nobody, '--output', 'json')
  const { findings } = JSON.parse(out) as ReportJson
  expect(code).toBe(1)
  expect(findings.find(({ check }) => check === 'rights')).toMatchObject({
    state: 'fail',
    says: expect.stringMatching(/forbidden/),
    advice: expect.stringMatching(/as an administrator/),
  })
})

const LATER_WEBHOOK = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'pod-defaults' },
  webhooks: [
    {
      name: 'defaults.example.org',
      admissionReviewVersions: ['v1'],
      clientConfig: { url: 'https://127.0.0.1:1/' },
      failurePolicy: 'Ignore',
      sideEffects: 'None',
      timeoutSeconds: 1,
      rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
    },
  ],
}

const EXTRA_BINDING = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'kerbside-debugging' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'ServiceAccount', name: 'kerbside-broker', namespace: 'kerbside' }],
}

/** As far as a line is never cut off: names of pods, times and numbers of findings differ from run to run. */
const SHOWN = 48
const stable = (screen: string): string =>
  screen
    .split('\n')
    .filter((line) => !/^\S+ +policy +kerbside-(webhook|broker)-/.test(line))
    .map((line) =>
      line.replace(/ \d+\.\d s$/, '').replace(/(\d+\.)?\d+ (s|min|h|d|ok|to look at|failed|not tried)\b/g, '… $2'),
    )
    .map((line) => line.slice(0, SHOWN).trimEnd())
    .join('\n')

function holdsAsIn(page: string, screen: string): void {
  const between = /(<!-- doctor-cluster -->\n```\n\$ .*\n)([\s\S]*?)(\n?```\n<!-- \/doctor-cluster -->)/
  const text = readFileSync(page, 'utf8')
  if (process.env['UPDATE_DOCS'] === '1') {
    writeFileSync(
      page,
      text.replace(between, (_, open, __, close) => `${open}${screen}\n${close.trimStart()}`),
    )
  }
  expect(stable(between.exec(readFileSync(page, 'utf8'))?.[2] ?? '')).toBe(stable(screen))
}
