/** A broker's part in audit, whole: what an earlier life left unsigned, and what strangers cannot hide. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openBrokerAudit } from '../../src/broker/audit/open.ts'
import { fromLine } from '../../src/core/audit/line.ts'
import { readCheckpoints } from '../../src/io/audit/checkpoints.ts'
import { readTrustedKeys } from '../../src/io/policy/bundle-keys.ts'
import { chained, NOON, start, writeLog } from '../io/audit/logs.ts'
import { BROKER, countersign } from './countersign.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kerbside-broker-audit-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** The spans of a chain that are countersigned once a broker has run over these lines. */
async function signedOf(lines: readonly string[], error?: (about: unknown) => void) {
  const logs = join(directory, BROKER)
  mkdirSync(logs)
  writeLog(logs, 'pod-a', lines)
  const { bySidecar } = await readCheckpoints(
    logs,
    await readTrustedKeys(await countersign(directory, directory, error)),
  )
  return bySidecar.get('pod-a')?.map(({ from, to }) => [from, to])
}

const { lines: LINES } = chained(
  'pod-a',
  [0, 1, 2, 3].map((at) => ({ at, entry: start(String(at)) })),
)

it('what an earlier life took and did not sign before it was killed is signed by the next', async () => {
  expect(await signedOf(LINES)).toEqual([[0, 4]])
})

it.each([
  ['no line of ours', '{}'],
  ['not what its head says', LINES[1]?.replace('"kind"', '"kinds"') ?? ''],
])('a line that is now %s is told, signs nothing, and keeps no broker from its start', async (_, damaged) => {
  const told: unknown[] = []
  const signed = await signedOf(LINES.with(1, damaged), (about) => told.push(about))
  expect(told).toEqual([{ file: 'pod-a-0.ndjson' }])
  expect(signed).toEqual([
    [0, 1],
    [2, 4],
  ])
})

it('strangers who name an identity, however often, do not hide that it was refused to a pod', async () => {
  const parts = { clock: () => NOON, log: { error: () => {}, warn: () => {} }, onRecords: () => {} }
  const audit = await openBrokerAudit({ directory, name: BROKER, keyFile: undefined }, parts)
  for (let time = 0; time < 100; time += 1) {
    audit.refused('slices', 'quant-research', { reason: 'bad-token', detail: 'of a stranger' })
  }
  audit.refused('slices', 'quant-research', { reason: 'pod-refused', detail: 'of a pod' })
  await audit.close()
  const text = readFileSync(join(directory, BROKER, `${BROKER}-0.ndjson`), 'utf8')
  const details = text.split('\n').flatMap((line) => {
    const read = fromLine(line)
    return 'record' in read && read.record.kind === 'refusal' ? [read.record.refusal.detail] : []
  })
  expect(details.filter((detail) => detail.startsWith('of a stranger')).length).toBeLessThan(100)
  expect(details).toContain('of a pod')
})
