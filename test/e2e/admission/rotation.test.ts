/** Two webhooks behind a Service while pods are created all the time: certificates that change, webhooks that come and go. Nothing is lost. */
import { X509Certificate } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HOSTS } from '../../lab/addresses.ts'
import { createPods, LOSSLESS, meanwhile } from './gang.ts'
import { api, type Installation, install, until } from './installation.ts'
import { type Replicas, startReplicas } from './replicas.ts'

/** The next authority is announced after 53 s and signs after 60 s; the first expires after 80 s. A leaf is renewed after 16 s. */
const LIVES = ['--authority-seconds', '80', '--leaf-seconds', '24']
const PORTS = [8443, 8445] as const
let installation: Installation
let replicas: Replicas
beforeAll(async () => {
  installation = await install()
  replicas = await startReplicas(installation, { ports: PORTS, flags: [...LIVES, '--drain-seconds', '3'] })
}, 400_000)
afterAll(async () => {
  await replicas?.end()
  await installation?.uninstall()
}, 60_000)

/** The certificate that a port serves now. */
const served = (port: number): Promise<X509Certificate> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: HOSTS['hook.lab'], port, rejectUnauthorized: false }, () => {
      resolve(new X509Certificate(socket.getPeerCertificate().raw))
      socket.destroy()
    }).on('error', reject)
  })
const certificatesIn = (pem: string) => pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
const isSignedBy = (leaf: X509Certificate, ca: string) => leaf.checkIssued(new X509Certificate(ca))

test('while the leaf and then the authority change, no pod is refused and none is created without its sidecar', async () => {
  const [first = ''] = certificatesIn((await replicas.authority()).ca)
  const before = await Promise.all(PORTS.map(served))
  expect(before.map((leaf) => isSignedBy(leaf, first))).toEqual([true, true])
  const outcome = await meanwhile('rotated', replicas.log, async () => {
    await until('another leaf of the same authority', async () => {
      const now = await Promise.all(PORTS.map(served))
      return now.every((leaf, at) => leaf.serialNumber !== before[at]?.serialNumber && isSignedBy(leaf, first))
    })
    await until('the next authority', async () => (await replicas.authority()).next !== undefined)
    await until('the next authority to sign', async () => {
      const [second = ''] = certificatesIn((await replicas.authority()).ca)
      const now = await Promise.all(PORTS.map(served))
      return second !== first && now.every((leaf) => isSignedBy(leaf, second))
    })
    await wait(new X509Certificate(first).validToDate.getTime() - Date.now() + 1000)
  })
  expect(outcome).toMatchObject(LOSSLESS)
  // Pods were given one authority, and two while both were trusted.
  expect(outcome.authorities).toEqual([1, 2])
  expect(outcome.created).toBeGreaterThan(100)
  expect(replicas.log().match(/a next authority is announced/g)?.length).toBeGreaterThanOrEqual(1)
}, 400_000)

test('both configurations carry every authority that is valid, in each entry, and who rotates may change nothing else', async () => {
  const names = ['mutatingwebhookconfigurations/a-kerbside', 'validatingwebhookconfigurations/kerbside']
  type Configuration = { webhooks: { clientConfig: { caBundle: string } }[] }
  await until('all entries to carry what is served', async () => {
    const leaves = await Promise.all(PORTS.map(served))
    const found = await Promise.all(
      names.map((name) => api.get<Configuration>(`/apis/admissionregistration.k8s.io/v1/${name}`)),
    )
    const bundles = found.flatMap((each) => each?.webhooks.map(({ clientConfig }) => clientConfig.caBundle) ?? [])
    return leaves.every((leaf) =>
      bundles.every((bundle) =>
        certificatesIn(Buffer.from(bundle, 'base64').toString()).some((ca) => isSignedBy(leaf, ca)),
      ),
    )
  })
  const mayI = (verb: string, what: string, namespace = 'kerbside') =>
    api
      .kubectl([
        'auth',
        'can-i',
        verb,
        what,
        '-n',
        namespace,
        '--as',
        'system:serviceaccount:kerbside:kerbside-webhook',
      ])
      .then(
        (said) => said.trim(),
        () => 'no',
      )
  const asked = [
    ['update', 'leases.coordination.k8s.io/kerbside-authority'],
    ['update', 'leases.coordination.k8s.io/other'],
    ['create', 'leases.coordination.k8s.io'],
    ['patch', 'mutatingwebhookconfigurations/a-kerbside'],
    ['patch', 'mutatingwebhookconfigurations/other'],
    ['update', 'secrets/kerbside-ca'],
    ['get', 'secrets/other'],
  ] as const
  const answers = await Promise.all(asked.map(([verb, what]) => mayI(verb, what)))
  expect(answers).toEqual(['yes', 'no', 'no', 'yes', 'no', 'yes', 'no'])
}, 60_000)

test('while one webhook after the other is told to end and comes back, nothing is lost', async () => {
  const outcome = await meanwhile('drained', replicas.log, async () => {
    for (const port of PORTS) {
      await replicas.stop(port)
      await replicas.start(port)
      await wait(1000)
    }
  })
  expect(outcome).toMatchObject(LOSSLESS)
  expect(outcome.created).toBeGreaterThan(20)
}, 300_000)

test('a gang of 128 pods from 32 writers, cold, is created whole, each with its sidecar', async () => {
  for (const port of PORTS) {
    await replicas.stop(port)
    await replicas.start(port)
  }
  let left = 128
  const outcome = await createPods({ writers: 32, name: 'gang', isDryRun: false }, () => left-- > 0)
  expect(outcome).toMatchObject({ created: 128, ...LOSSLESS })
}, 300_000)
