/** What is left behind when nothing is handed out: no bytes, and no word of what an unknown error says. Around it: secrets.test.ts. */
import { pino } from 'pino'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { type DeskParts, secretDesk } from '../../src/broker/secret-desk.ts'
import { type SecretFlights, secretFlights } from '../../src/broker/secret-flights.ts'
import { KerbsideError } from '../../src/core/errors.ts'
import type { Bundle } from '../../src/core/policy/bundle.ts'
import { readPolicyDirectory } from '../../src/io/policy/directory.ts'
import { POLICIES } from './in-process.ts'

const CALLER = {
  ...{ namespace: 'ml-quant', serviceAccount: 'trainer', pod: 'train-0', podUid: 'a' },
  ...{ identity: 'quant-research', expiresAt: Number.POSITIVE_INFINITY },
}
let bundle: Bundle
let given: Uint8Array[]
let flights: SecretFlights
let said: string[]
let read: () => Promise<Uint8Array>

beforeAll(async () => {
  const found = await readPolicyDirectory(POLICIES)
  if (!('bundle' in found)) throw new Error('the example policies do not compile')
  const identities = [...found.bundle.identities].map(
    ([name, it]) => [name, { ...it, secretsThrough: 'broker' as const }] as const,
  )
  bundle = { ...found.bundle, identities: new Map(identities) }
})
beforeEach(() => {
  given = []
  said = []
  read = async () => Uint8Array.from([5, 2, 7])
  flights = secretFlights({
    async fetch() {
      const bytes = await read()
      given.push(bytes)
      return { bytes, version: '1' }
    },
    async close() {},
  })
})

function desk(more: Partial<DeskParts> = {}) {
  const log = pino({}, { write: (line: string) => void said.push(line) })
  return secretDesk({ flights, bundle: () => bundle, log, onRead: () => undefined, ...more })
}

test.each<[string, Partial<DeskParts>]>([
  ['cannot be put on record', { record: () => Promise.reject(new KerbsideError('audit-unwritable', 'full')) }],
  [
    'policy takes away meanwhile',
    { bundle: () => (given.length === 0 ? bundle : { ...bundle, identities: new Map() }) },
  ],
])('of what %s no byte stays once the broker ends', async (_, more) => {
  await desk(more)
    .handOut(CALLER)
    .catch((thrown: unknown) => expect(thrown).toMatchObject({ code: 'audit-unwritable' }))
  expect(given.length).toBeGreaterThan(1)
  flights.close()
  await expect.poll(() => given.flatMap((bytes) => [...bytes]).every((byte) => byte === 0)).toBe(true)
})

test.each([
  ['one of ours that no store may throw', new KerbsideError('internal', 'canary')],
  ['one of anybody', new Error('canary')],
])('an unexpected error, %s, is told as a store that cannot be reached, and not repeated', async (_, thrown) => {
  read = () => Promise.reject(thrown)
  const out = await desk().handOut(CALLER)
  const handed = 'handed' in out ? out.handed : []
  expect(handed.length).toBeGreaterThan(1)
  expect(handed.map((one) => 'failed' in one && one.failed)).toEqual(handed.map(() => 'secret-unavailable'))
  expect(said.join()).toContain('the secret store failed in an unknown way')
  expect(said.join()).not.toContain('canary')
})
