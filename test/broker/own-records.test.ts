/** What a broker puts on record of itself: secrets before a byte of them leaves, and refusals. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main } from '../../src/broker/main.ts'
import { fromLine } from '../../src/core/audit/line.ts'
import type { AuditRecord } from '../../src/core/audit/record.ts'
import { filesStore } from '../../src/io/secret-stores/files.ts'
import { canMount, mountSmallDisk } from '../io/audit/small-disk.ts'
import { type Broker, bodyOf, POLICIES, startBroker } from './in-process.ts'
import { claims, claimsOf, type Issuer, makeIssuer } from './tokens.ts'

const SECRETS = '/v1/secrets?identity=quant-research'
const folder = mkdtempSync(join(tmpdir(), 'kerbside-own-records-'))
const at = (name: string) => join(folder, name)
let issuer: Issuer
let good: string

beforeAll(async () => {
  issuer = await makeIssuer()
  good = await issuer.sign(claims())
  for (const [name, text] of [
    ['store/hdfs/quant-research/keytab', 'canary of quant'],
    ['store/hdfs/lab/ca.pem', '-----BEGIN CERTIFICATE-----\n'],
  ] as const) {
    mkdirSync(dirname(at(name)), { recursive: true })
    writeFileSync(at(name), text)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function recordsOf(directory: string, name = 'broker-0'): AuditRecord[] {
  const lines = readFileSync(join(directory, name, `${name}-0.ndjson`), 'utf8').split('\n')
  return lines.flatMap((line) => {
    const read = fromLine(line)
    return 'record' in read ? [read.record] : []
  })
}
type Of<K extends AuditRecord['kind']> = Extract<AuditRecord, { kind: K }>
const of = <K extends AuditRecord['kind']>(kind: K, records: readonly AuditRecord[]): readonly Of<K>[] =>
  records.filter((record): record is Of<K> => record.kind === kind)

async function started(directory: string): Promise<Broker> {
  const store = filesStore(at('store'))
  const broker = await startBroker(issuer.keys, { store, audit: { directory, name: 'broker-0' } })
  const identities = [...broker.bundle.identities].map(
    ([name, it]) => [name, { ...it, secretsThrough: 'broker' as const }] as const,
  )
  broker.put({ ...broker.bundle, identities: new Map(identities) })
  return broker
}

describe('a secret that is handed out', () => {
  it('is on record when its first byte comes: to which pod, by which policy, and no byte of it', async () => {
    const broker = await started(at('release'))
    const answer = await broker.get(SECRETS, good)
    // Before the body is read.
    const releases = of('release', recordsOf(at('release')))
    expect(releases.map(({ release }) => [release.path, release.key, release.outcome])).toEqual([
      ['hdfs/lab', 'ca.pem', 'given'],
      ['hdfs/quant-research', 'keytab', 'given'],
    ])
    expect(releases[0]?.who).toMatchObject({ team: 'quant', identity: 'quant-research', pod: 'train-0' })
    expect(releases[0]?.bundle).toBe(broker.bundle.hash)
    expect(await bodyOf(answer)).toContain('canary of quant')
    await broker.stop()
    expect(readFileSync(join(at('release'), 'broker-0/broker-0-0.ndjson'), 'utf8')).not.toContain('canary')
  })

  it('that its store does not have is on record by the code of the store', async () => {
    const broker = await started(at('absent'))
    rmSync(at('store/hdfs/lab/ca.pem'))
    await bodyOf(await broker.get(SECRETS, good))
    writeFileSync(at('store/hdfs/lab/ca.pem'), 'x')
    expect(of('release', recordsOf(at('absent')))[0]?.release).toEqual({
      path: 'hdfs/lab',
      key: 'ca.pem',
      outcome: 'secret-not-found',
    })
    await broker.stop()
  })

  it.runIf(canMount)('is not handed out when the disk takes no record of it', async () => {
    const disk = mountSmallDisk(8)
    const broker = await started(disk.path)
    let answer = await broker.get(SECRETS, good)
    // Each takes about a kilobyte: soon there is no more room.
    for (let tries = 0; tries < 30 && answer.statusCode === 200; tries++) {
      await bodyOf(answer)
      answer = await broker.get(SECRETS, good)
    }
    expect([answer.statusCode, await bodyOf(answer)]).toEqual([503, expect.not.stringContaining('canary')])
    await broker.stop()
    disk.unmount()
  })
})

it('a caller that is refused is on record, by what it asked for and why, and not by what it was not proved to be', async () => {
  const broker = await started(at('refused'))
  await bodyOf(await broker.get('/v1/slices?identity=quant-research'))
  await bodyOf(
    await broker.get('/v1/slices?identity=quant-research', await issuer.sign(claimsOf('ml-climate', 'trainer'))),
  )
  await bodyOf(await broker.get('/v1/secrets?identity=climate-models', good))
  const refusals = () =>
    of('refusal', recordsOf(at('refused'))).map(({ refusal: { asked, reason }, who: { identity, pod } }) => [
      asked,
      reason,
      identity,
      pod,
    ])
  await expect.poll(refusals, { timeout: 30_000 }).toEqual([
    ['slices', 'no-token', 'quant-research', ''],
    ['slices', 'pod-refused', 'quant-research', ''],
    ['secrets', 'pod-refused', 'climate-models', ''],
  ])
  await broker.stop()
})

it('does not start where it cannot write', async () => {
  writeFileSync(at('a-file'), '')
  writeFileSync(at('keys.json'), issuer.keys)
  const args = ['--policies', POLICIES, '--tls-directory', at('tls'), '--keys-file', at('keys.json'), '--issuer', 'i']
  await expect(main([...args, '--audit', at('a-file')])).rejects.toMatchObject({ code: 'audit-unwritable' })
})
