/**
 * Credentials that go wrong in a pod of a real Kubernetes: what `kubectl describe pod` shows of it while it lives, by Events, and
 * once it has ended, by the termination message that its kubelet has read. Neither holds a byte of a key.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { fillStore, install } from '../../demo/installation.ts'
import { type Kubernetes, kubernetes } from '../../lab/kubernetes.ts'
import { openbao } from '../../lab/openbao.ts'
import { Sweep } from '../../sweep/sweep.ts'
import { POD } from '../admission/restricted-pod.ts'
import { forgetOthers } from '../install/leftovers.ts'
import { World } from './world.ts'

vi.setConfig({ testTimeout: 400_000, hookTimeout: 400_000 })

const SOON = { timeout: 200_000, interval: 500 }
const NAMESPACE = 'ml-quant'
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`
const HEALTH = 'http://127.0.0.1:9872'
const END = '/tmp/end'

/** Of these tests alone: others need the tickets of team quant. HDFS takes the first component for the user. */
const PRINCIPAL = 'quant/pod-states'
const SECRET = 'hdfs/pod-states'
const TICKET_SECONDS = 40

const world = new World()
const { lab } = world
const store = openbao(lab.folder)
const api: Kubernetes = kubernetes(lab.folder)
let keytab: Buffer

beforeAll(async () => {
  await forgetOthers(api)
  await fillStore(lab)
  await world.kadmin(
    `delprinc -force ${PRINCIPAL}`,
    `addprinc -randkey -maxlife "${TICKET_SECONDS} seconds" ${PRINCIPAL}`,
    `ktadd -norandkey -k ${join(world.folder, 'keytab')} ${PRINCIPAL}`,
  )
  keytab = readFileSync(join(world.folder, 'keytab'))
  await store.putSecret(SECRET, { keytab: keytab.toString('base64') })
  const paths = [SECRET, 'hdfs/lab']
  await store.bindRole({ role: 'quant-research', serviceAccounts: ['trainer'], namespaces: [NAMESPACE], paths })
  await install(lab, (file) =>
    file
      .replace('secret: hdfs/quant-research', `secret: ${SECRET}`)
      .replace('principal: quant@', `principal: ${PRINCIPAL}@`),
  )
})
afterAll(async () => {
  await api.kubectl(['delete', 'pods', '--all', '-n', NAMESPACE, '--wait=false'])
  await forgetOthers(api)
  await store.call(`kv/metadata/${SECRET}`, { method: 'DELETE' })
  await fillStore(lab)
  await world.kadmin(`delprinc -force ${PRINCIPAL}`)
  world.remove()
})

/** A pod whose job waits until it is told to end, with more in its spec. */
async function start(name: string, more: object = {}): Promise<void> {
  const { nodeSelector: _nowhere, ...spec } = POD.spec
  const command = ['sh', '-c', `until [ -e ${END} ]; do sleep 1; done`]
  const containers = spec.containers.map((container) => ({ ...container, command }))
  const metadata = { ...POD.metadata, name }
  await api.create(PODS, { metadata, spec: { ...spec, restartPolicy: 'Never', ...more, containers } })
}

const inJob = (pod: string, ...words: readonly string[]) =>
  api.kubectl(['exec', '-n', NAMESPACE, pod, '-c', 'train', '--', ...words])

type Event = { readonly type: string; readonly reason: string; readonly message: string }
type EventList = { items: (Event & { involvedObject: { name: string } })[] }

/** What the sidecar of a pod told, as `Warning KerberosTicketStale: why`. */
async function eventsOf(pod: string): Promise<readonly string[]> {
  const { items = [] } = (await api.get<EventList>(`/api/v1/namespaces/${NAMESPACE}/events`)) ?? {}
  const ours = items.filter(
    ({ involvedObject, reason }) => involvedObject.name === pod && /^Kerberos|^Deleg/.test(reason),
  )
  return ours.map(({ type, reason, message }) => `${type} ${reason}: ${message}`)
}

type Pod = { status: { phase?: string; initContainerStatuses?: readonly Container[] } }
type Container = { name: string; state: { terminated?: { exitCode: number; message?: string } } }

const sidecarEnd = ({ status }: Pod) =>
  status.initContainerStatuses?.find(({ name }) => name === 'kerbside')?.state.terminated

/** How its sidecar ended, as the kubelet has it. */
async function endOf(pod: string) {
  return sidecarEnd(
    await api.waitFor<Pod>(`${PODS}/${pod}`, (seen) => sidecarEnd(seen) !== undefined, { timeoutSeconds: 200 }),
  )
}

/** Everything about the pod that others than its sidecar may read. */
async function told(pod: string): Promise<string> {
  const log = await api.logs(NAMESPACE, pod, 'kerbside')
  return [JSON.stringify(await api.get(`${PODS}/${pod}`)), ...(await eventsOf(pod)), log].join('\n')
}

/** The key is the last 32 bytes before the 4 of the long kvno. */
const keyIn = (text: string) => new Sweep({ key: keytab.subarray(-36, -4), keytab }).find(text)

test('a principal that the KDC locks: stale, then expired, in Events, health, metrics and log; and in the message of the end', async () => {
  await start('locked')
  await api.waitFor<Pod>(`${PODS}/locked`, ({ status }) => status.phase === 'Running', { timeoutSeconds: 200 })
  expect(await inJob('locked', 'curl', '-sS', `${HEALTH}/readyz`)).toMatch(/^ready\n/)
  await world.kadmin(`modprinc -allow_tix ${PRINCIPAL}`)
  const why = 'the principal is locked or has expired'
  await expect
    .poll(() => eventsOf('locked'), SOON)
    .toContainEqual(
      expect.stringMatching(new RegExp(`^Warning KerberosTicketStale: ticket is stale, until \\S+Z: .*${why}`)),
    )
  await expect
    .poll(() => eventsOf('locked'), SOON)
    .toContainEqual(
      expect.stringMatching(new RegExp(`^Warning KerberosTicketExpired: ticket is expired, until \\S+Z: .*${why}`)),
    )
  expect(await inJob('locked', 'curl', '-sS', `${HEALTH}/readyz`)).toMatch(
    new RegExp(`^not ready\\n[^]*^ticket: expired since \\S+Z: .*${why}`, 'm'),
  )
  expect(await inJob('locked', 'curl', '-sS', `${HEALTH}/metrics`)).toMatch(
    /^kerbside_credential_state\{kind="ticket",state="expired"\} 1$/m,
  )
  const log = await api.logs(NAMESPACE, 'locked', 'kerbside')
  const changes = log.split('\n').flatMap((line) => /"message":"ticket is (\w+)/.exec(line)?.[1] ?? [])
  expect(changes).toEqual(['ready', 'stale', 'expired'])
  await inJob('locked', 'touch', END)
  expect(await endOf('locked')).toMatchObject({
    exitCode: 0,
    message: expect.stringMatching(new RegExp(`^stopped while not ready\\nticket: expired since \\S+Z: .*${why}`)),
  })
  expect(keyIn(await told('locked'))).toEqual([])
})

test('a pod that never had a ticket says so in an Event, and when its time is over in the message of its end', async () => {
  await store.call(`kv/metadata/${SECRET}`, { method: 'DELETE' })
  await start('without', { activeDeadlineSeconds: 45 })
  const why = `secret \`${SECRET}\``
  await expect
    .poll(() => eventsOf('without'), SOON)
    .toContainEqual(expect.stringMatching(new RegExp(`^Warning KerberosTicketPending: ticket is pending: .*${why}`)))
  expect(await endOf('without')).toMatchObject({
    message: expect.stringMatching(new RegExp(`^stopped while not ready\\nticket: pending since \\S+Z: .*${why}`)),
  })
  expect(keyIn(await told('without'))).toEqual([])
})
