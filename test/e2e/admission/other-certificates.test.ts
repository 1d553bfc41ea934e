/** Certificates come from somewhere else while pods are created all the time: our own, then files, then cert-manager, and back. Nothing is lost. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { issueLeaf, LIVES, newAuthority } from '../../../src/io/tls/certificates.ts'
import { LOSSLESS, meanwhile } from './gang.ts'
import { api, INJECTION_FILE, type Installation, install } from './installation.ts'
import { type Replicas, startReplicas } from './replicas.ts'

const PORTS = [8443, 8445] as const
const NAME = 'kerbside-webhook.kerbside.svc'
const CONFIGURATIONS = ['mutatingwebhookconfigurations/a-kerbside', 'validatingwebhookconfigurations/kerbside']
/** Longer than a webhook takes to look whether the configurations still carry its authority. */
const BOTH_SERVE_MS = 12_000

const folder = mkdtempSync(join(tmpdir(), 'kerbside-e2e-'))
const injection = join(folder, 'injection.yaml')
/** They serve on until everyone knows that they end. */
const COMMON = ['--injection', injection, '--drain-seconds', '6']
const FROM_FILES = [...COMMON, '--tls-files', folder]

let installation: Installation
let replicas: Replicas
let theirs: string
beforeAll(async () => {
  installation = await install()
  const authority = await newAuthority(Date.now(), LIVES)
  theirs = authority.certificatePem
  const leaf = await issueLeaf(authority, [NAME], Date.now())
  writeFileSync(join(folder, 'tls.crt'), leaf.certificatePem)
  writeFileSync(join(folder, 'tls.key'), leaf.keyPem)
  writeFileSync(join(folder, 'ca.crt'), theirs)
  // Only the operator may name what is trusted beside our own: both, as long as the change takes.
  const write = (authorities: string) => writeFileSync(injection, stringify({ ...INJECTION_FILE, authorities }))
  write(theirs)
  replicas = await startReplicas(installation, { ports: PORTS, flags: COMMON })
  write(`${(await replicas.authority()).ca}${theirs}`)
  for (const port of PORTS) await again(port, COMMON)
}, 400_000)
afterAll(async () => {
  await replicas?.end()
  await installation?.uninstall()
  rmSync(folder, { recursive: true })
}, 60_000)

async function again(port: number, flags: readonly string[]): Promise<void> {
  await replicas.stop(port)
  await replicas.start(port, flags)
}

/** One after the other, and between them time for each to undo what the other one did. */
async function replaceAll(flags: readonly string[]): Promise<void> {
  const [first, last] = PORTS
  await again(first, flags)
  await wait(BOTH_SERVE_MS)
  await again(last, flags)
}

type Configuration = { webhooks: { clientConfig: { caBundle: string } }[] }
const REGISTRATION = '/apis/admissionregistration.k8s.io/v1'

/** What each entry of both configurations carries, once where they are equal. */
async function carried(): Promise<readonly string[]> {
  const found = await Promise.all(CONFIGURATIONS.map((name) => api.get<Configuration>(`${REGISTRATION}/${name}`)))
  const bundles = found.flatMap((each) => each?.webhooks.map(({ clientConfig }) => clientConfig.caBundle) ?? [])
  return [...new Set(bundles.map((bundle) => Buffer.from(bundle, 'base64').toString()))]
}

/** Stands for cert-manager's injector, which writes the authority of a Certificate and nothing else, as soon as anything else is there. */
async function asInjector(done: () => boolean): Promise<void> {
  const headers = { 'content-type': 'application/json-patch+json' }
  const value = Buffer.from(theirs).toString('base64')
  while (!done()) {
    if ((await carried()).some((bundle) => bundle !== theirs)) {
      const body = [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value }]
      for (const name of CONFIGURATIONS) await api.api(`${REGISTRATION}/${name}`, { method: 'PATCH', headers, body })
    }
    await wait(100)
  }
}

test('from our own to files: each sort of webhook leaves there what the other one needs', async () => {
  const outcome = await meanwhile('to-files', replicas.log, async () => {
    await replaceAll([...FROM_FILES, '--publish-trust'])
  })
  expect(outcome).toMatchObject(LOSSLESS)
  expect(outcome.created).toBeGreaterThan(50)
  const { ca } = await replicas.authority()
  const [bundle = '', ...others] = await carried()
  expect([others, bundle.includes(theirs), bundle.includes(ca)]).toEqual([[], true, true])
}, 300_000)

test('from files to cert-manager, whose injector writes over everything', async () => {
  const outcome = await meanwhile('to-cert-manager', replicas.log, async () => {
    let isDone = false
    const injecting = asInjector(() => isDone)
    await replaceAll(FROM_FILES).finally(() => (isDone = true))
    await injecting
  })
  expect(outcome).toMatchObject(LOSSLESS)
  expect(outcome.created).toBeGreaterThan(50)
  expect(await carried()).toEqual([theirs])
}, 300_000)

test('and back, by way of files', async () => {
  const outcome = await meanwhile('back', replicas.log, async () => {
    await replaceAll([...FROM_FILES, '--publish-trust'])
    await replaceAll(COMMON)
  })
  expect(outcome).toMatchObject(LOSSLESS)
  const [bundle = ''] = await carried()
  expect(bundle).toContain((await replicas.authority()).ca)
}, 300_000)

test('an authority that nobody named goes within seconds', async () => {
  const stranger = readFileSync(join(import.meta.dirname, '../../fixtures/authority.pem'), 'utf8')
  const [bundle = ''] = await carried()
  const value = Buffer.from(`${bundle}${stranger}`).toString('base64')
  const headers = { 'content-type': 'application/json-patch+json' }
  const body = [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value }]
  for (const name of CONFIGURATIONS) await api.api(`${REGISTRATION}/${name}`, { method: 'PATCH', headers, body })
  expect((await carried()).join('')).toContain(stranger.trim())
  await expect.poll(async () => (await carried()).join('').includes(stranger.trim()), { timeout: 60_000 }).toBe(false)
}, 90_000)
