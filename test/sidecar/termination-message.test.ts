/** What the kubelet is told of a sidecar that ended: why, what to do, no more than it takes, and nothing where it has put no file. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { whatIsMissing, whyEnded, writeTerminationMessage } from '../../sidecar/termination-message.ts'
import { KerbsideError } from '../../src/core/errors.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-'))
  file = join(folder, 'termination-log')
})
afterEach(() => rmSync(folder, { recursive: true }))

const SINCE = Date.UTC(2026, 10, 25)
const nothing = { ageMs: undefined, leftMs: undefined, expiresAt: undefined }
const lastError = new KerbsideError('secret-not-found', 'secret `hdfs/quant` `keytab` is nowhere', {
  hint: 'put it there',
})
const STANDING = {
  policy: { state: 'ready', isShadow: false, silentMs: 0, maxStaleMs: 1, lastError: undefined },
  credentials: {
    ticket: { ...nothing, state: 'pending', since: SINCE, lastError },
    delegationToken: { ...nothing, state: 'ready', since: SINCE, lastError: undefined },
    kvno: undefined,
    kdcs: [],
    clockOffsetMs: undefined,
    failures: [],
  },
  gateway: 9870,
} as const

test('stopped before it was of use: the parts that were missing, why, and what to do', async () => {
  writeFileSync(file, 'of the run before, and longer than what follows'.repeat(20))
  await writeTerminationMessage(whatIsMissing(STANDING), file)
  expect(readFileSync(file, 'utf8')).toBe(
    'stopped while not ready\nticket: pending since 2026-11-25T00:00:00Z: secret `hdfs/quant` `keytab` is nowhere (put it there)\n',
  )
})

test('stopped while all was well there is nothing to say', async () => {
  writeFileSync(file, '')
  const ticket = { ...STANDING.credentials.ticket, state: 'ready' } as const
  await writeTerminationMessage(whatIsMissing({ ...STANDING, credentials: { ...STANDING.credentials, ticket } }), file)
  expect(readFileSync(file, 'utf8')).toBe('')
})

test('one that could not start says what it says on stderr; more than the kubelet takes is cut', async () => {
  writeFileSync(file, '')
  await writeTerminationMessage(
    whyEnded(new KerbsideError('port-taken', 'it is taken', { hint: 'end the other' })),
    file,
  )
  expect(readFileSync(file, 'utf8')).toBe('it is taken\n  end the other\n')
  await writeTerminationMessage('x'.repeat(9999), file)
  expect(readFileSync(file, 'utf8')).toHaveLength(4096)
})

test('where no kubelet has put a file, none is made', async () => {
  await writeTerminationMessage('why', file)
  expect(existsSync(file)).toBe(false)
})
