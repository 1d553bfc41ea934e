/** An Event on the pod, from a changed credential in the sidecar to what `kubectl describe pod` shows, by the broker's own rights. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeLog } from '../../../sidecar/log.ts'
import { TellBroker } from '../../../sidecar/policy/tell-broker.ts'
import type { ToldChange } from '../../../src/core/kerberos/told-change.ts'
import { api, type Installation, install } from '../admission/installation.ts'
import { asTenant, podNamed, pods } from '../admission/tenant.ts'
import { allowMinter, type StandingBroker, startBroker, tokenFor } from './standing-broker.ts'

const EVENTS = '/api/v1/namespaces/ml-quant/events'
const STALE: ToldChange = { kind: 'ticket', state: 'stale', code: 'kdc-unreachable', detail: 'no KDC answers' }

let installation: Installation
let broker: StandingBroker
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-events-'))
  installation = await install()
  await allowMinter()
  broker = await startBroker(installation.ca)
  for (const name of ['telling', 'foreign-token', 'storm']) await asTenant('POST', pods(), podNamed(name))
})
afterAll(async () => {
  await broker?.stop()
  await installation?.uninstall()
  rmSync(folder, { recursive: true })
})

/** A sidecar that tells, of the pod that the token is bound to; and what it logs. */
async function teller(pod: string, token?: string): Promise<{ tell: (change: ToldChange) => void; lines: string[] }> {
  const tokenFile = join(folder, pod)
  writeFileSync(tokenFile, token ?? (await tokenFor({ boundTo: { kind: 'Pod', name: pod } })))
  const lines: string[] = []
  const log = makeLog({ level: 'debug', out: (line) => lines.push(line), clock: Date.now })
  const { url } = broker
  const told = new TellBroker({ url, ca: installation.ca, tokenFile, identity: 'quant-research', log, pauseMs: 10 })
  return { tell: (change) => told.tell(change), lines }
}

type Event = {
  readonly involvedObject: { readonly name: string; readonly uid: string }
  readonly reason: string
  readonly message: string
}

async function eventsOf(pod: string): Promise<readonly Event[]> {
  const { items } = JSON.parse((await api.api(EVENTS)).body) as { items: Event[] }
  return items.filter(({ involvedObject, reason }) => involvedObject.name === pod && /Kerberos|Delegation/.test(reason))
}

test('a ticket that is stale stands on the pod, with why', async () => {
  const { tell } = await teller('telling')
  tell(STALE)
  await expect.poll(() => eventsOf('telling'), { timeout: 60_000 }).toHaveLength(1)
  const [event] = await eventsOf('telling')
  expect(event).toMatchObject({
    reason: 'KerberosTicketStale',
    type: 'Warning',
    message: 'ticket is stale: no KDC answers',
  })
  const { object } = await asTenant('GET', `${pods()}/telling`)
  expect(event?.involvedObject.uid).toBe((object['metadata'] as { uid: string }).uid)
})

test('a token that is not the pod’s own changes nothing, and the sidecar bears it', async () => {
  const { tell, lines } = await teller('foreign-token', 'not.a.token')
  tell(STALE)
  await expect.poll(() => lines.join(), { timeout: 60_000 }).toContain('"status":401')
  expect(await eventsOf('foreign-token')).toEqual([])
})

test('a storm of changes is four Events', async () => {
  const { tell, lines } = await teller('storm')
  const storm = setInterval(() => tell(STALE), 100)
  await expect
    .poll(() => lines.join(), { timeout: 30_000 })
    .toContain('"status":429')
    .finally(() => clearInterval(storm))
  expect(await eventsOf('storm')).toHaveLength(4)
})
