/** A broker's part in audit, whole: what an earlier life left unsigned, and what strangers cannot hide. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openBrokerAudit } from '../../src/broker/audit/open.ts'
import { fromLine } from '../../src/core/audit/line.ts'
import { readCheckpoints } from '../../src/io/audit/checkpoints.ts'
import { makeSigningKey, readTrustedKeys } from '../../src/io/policy/bundle-keys.ts'
import { chained, NOON, start, writeLog } from '../io/audit/logs.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kerbside-broker-audit-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const name = 'broker-0'
const open = (keyFile?: string, error: (about: unknown) => void = () => {}) =>
  openBrokerAudit(
    { directory, name, keyFile },
    { clock: () => NOON, log: { error, warn: () => {} }, onRecords: () => {} },
  )

it('what an earlier life took and did not sign before it was killed is signed by the next', async () => {
  const { pem, publicJwk } = await makeSigningKey('EdDSA')
  writeFileSync(join(directory, 'key.pem'), pem)
  writeFileSync(join(directory, 'keys.json'), JSON.stringify({ keys: [publicJwk] }))
  const { lines } = chained(
    'pod-a',
    [0, 1, 2].map((at) => ({ at, entry: start(String(at)) })),
  )
  mkdirSync(join(directory, name))
  writeLog(join(directory, name), 'pod-a', lines)
  await (await open(join(directory, 'key.pem'))).close()
  const { bySidecar } = await readCheckpoints(
    join(directory, name),
    await readTrustedKeys(join(directory, 'keys.json')),
  )
  expect(bySidecar.get('pod-a')?.map(({ from, to }) => [from, to])).toEqual([[0, 3]])
})

it('a line that was damaged meanwhile is told, signs nothing, and keeps no broker from its start', async () => {
  const { pem, publicJwk } = await makeSigningKey('EdDSA')
  writeFileSync(join(directory, 'key.pem'), pem)
  writeFileSync(join(directory, 'keys.json'), JSON.stringify({ keys: [publicJwk] }))
  const { lines } = chained(
    'pod-a',
    [0, 1, 2, 3].map((at) => ({ at, entry: start(String(at)) })),
  )
  mkdirSync(join(directory, name))
  for (const damaged of ['{}', lines[1]?.replace('"kind"', '"kinds"') ?? '']) {
    writeLog(join(directory, name), 'pod-a', lines.with(1, damaged))
    const told: unknown[] = []
    await (await open(join(directory, 'key.pem'), (about) => told.push(about))).close()
    expect(told).toEqual([{ file: 'pod-a-0.ndjson' }])
    const keys = await readTrustedKeys(join(directory, 'keys.json'))
    const { bySidecar } = await readCheckpoints(join(directory, name), keys)
    expect(bySidecar.get('pod-a')?.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [2, 4],
    ])
    rmSync(join(directory, name), { recursive: true })
    mkdirSync(join(directory, name))
  }
})

it('strangers who name an identity, however often, do not hide that it was refused to a pod', async () => {
  const audit = await open()
  for (let time = 0; time < 100; time += 1) {
    audit.refused('slices', 'quant-research', { reason: 'bad-token', detail: 'of a stranger' })
  }
  audit.refused('slices', 'quant-research', { reason: 'pod-refused', detail: 'of a pod' })
  await audit.close()
  const text = readFileSync(join(directory, name, `${name}-0.ndjson`), 'utf8')
  const details = text.split('\n').flatMap((line) => {
    const read = fromLine(line)
    return 'record' in read && read.record.kind === 'refusal' ? [read.record.refusal.detail] : []
  })
  expect(details.filter((detail) => detail.startsWith('of a stranger')).length).toBeLessThan(100)
  expect(details).toContain('of a pod')
})
