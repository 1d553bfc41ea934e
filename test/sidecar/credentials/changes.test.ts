/** Each change of a credential is said once, in every place where somebody may look, and nothing else is said. */
import { expect, test } from 'vitest'
import { Changes, type KeptStatus } from '../../../sidecar/credentials/changes.ts'
import { makeLog } from '../../../sidecar/log.ts'
import { KerbsideError } from '../../../src/core/errors.ts'
import type { ToldChange } from '../../../src/core/kerberos/told-change.ts'

const WALL = 1_795_632_000_000
const HOUR = 3_600_000
const NO_KDC = new KerbsideError('kdc-unreachable', 'kinit: no KDC answers', { hint: 'ask for it' })
const REFUSED = new KerbsideError('kerberos-refused', 'kinit: the KDC has another key')

function watched() {
  const lines: Record<string, unknown>[] = []
  const notes: string[] = []
  const told: ToldChange[] = []
  const time = { steady: 1000, wallAhead: WALL - 1000 }
  const clocks = { steady: () => time.steady, wall: () => time.steady + time.wallAhead, awake: () => time.steady }
  const log = makeLog({ level: 'debug', out: (line) => lines.push(JSON.parse(line)), clock: clocks.wall })
  const changes = new Changes({
    log,
    note: ({ detail }) => notes.push(detail),
    tell: (change) => told.push(change),
    clocks,
  })
  let status: KeptStatus = { state: 'pending', issuedAt: undefined, expiresAt: undefined, lastError: undefined }
  changes.watch('ticket', () => status)
  const become = (state: KeptStatus['state'], lastError?: KerbsideError) => {
    status = { state, issuedAt: 1000, expiresAt: 1000 + HOUR, lastError }
    // However often somebody looks.
    for (let look = 0; look < 3; look++) changes.look()
  }
  return { changes, lines, notes, told, time, become }
}

test('a whole life: each change is one line, one note, and one event', () => {
  const { changes, lines, notes, told, become } = watched()
  become('pending', NO_KDC)
  become('ready')
  become('stale', NO_KDC)
  become('stale', REFUSED)
  become('expired', REFUSED)
  become('ready')
  changes.stop()
  expect(lines.map(({ level, message, code, hint }) => [level, message, code, hint].join(' | '))).toEqual([
    'warn | ticket is pending: kinit: no KDC answers | kdc-unreachable | ask for it',
    'info | ticket is ready |  | ',
    'warn | ticket is stale: kinit: no KDC answers | kdc-unreachable | ask for it',
    'warn | ticket is stale: kinit: the KDC has another key | kerberos-refused | ',
    'error | ticket is expired: kinit: the KDC has another key | kerberos-refused | ',
    'info | ticket is ready |  | ',
  ])
  expect(notes).toEqual([
    'ticket is pending, was pending: kdc-unreachable',
    'ticket is ready, was pending',
    'ticket is stale, was ready: kdc-unreachable',
    'ticket is stale, was stale: kerberos-refused',
    'ticket is expired, was stale: kerberos-refused',
    'ticket is ready, was expired',
  ])
  expect(told.map(({ state, detail }) => [state, detail])).toEqual([
    ['pending', 'kinit: no KDC answers; ask for it'],
    ['ready', undefined],
    ['stale', 'kinit: no KDC answers; ask for it'],
    ['stale', 'kinit: the KDC has another key'],
    ['expired', 'kinit: the KDC has another key'],
    ['ready', undefined],
  ])
})

test('a pod that starts well has no event, and nothing at all is said before anything happens', () => {
  const { changes, lines, told, become } = watched()
  changes.look()
  expect(lines).toEqual([])
  become('ready')
  changes.stop()
  expect([lines.length, told]).toEqual([1, []])
})

test('since when is of the state and not of its reason, and is told by the wall clock of the moment that somebody asks', () => {
  const { changes, time, become } = watched()
  become('ready')
  time.steady += HOUR / 2
  become('stale', NO_KDC)
  time.steady += 60_000
  become('stale', REFUSED)
  expect(changes.standing('ticket')).toMatchObject({
    since: WALL + HOUR / 2,
    leftMs: HOUR / 2 - 60_000,
    expiresAt: WALL + HOUR,
  })
  time.wallAhead += 600_000
  expect(changes.standing('ticket')).toMatchObject({ leftMs: HOUR / 2 - 60_000, expiresAt: WALL + HOUR + 600_000 })
  changes.stop()
})
