/** Records on their way, with real processes that are killed: what was acknowledged is there, once, whoever died, whoever took it and whoever reads it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { makeSigningKey } from '../../src/io/policy/bundle-keys.ts'
import { runCli } from '../cli/run-cli.ts'
import { POLICIES } from './in-process.ts'
import { type BrokerProcess, killBrokers, startBrokerProcess } from './process.ts'
import { claims, type Issuer, makeIssuer } from './tokens.ts'

const WRITER = join(import.meta.dirname, '../io/audit/shipping-writer.ts')
const POD = '0b1f3f5c-1f7e-4b5e-9a3c-0d9e8f7a6b5c'
const folder = mkdtempSync(join(tmpdir(), 'kerbside-delivery-'))
const at = (name: string) => join(folder, name)
const writers = new Set<ChildProcess>()
let issuer: Issuer

beforeAll(async () => {
  issuer = await makeIssuer()
  const { pem, publicJwk } = await makeSigningKey('EdDSA')
  writeFileSync(at('token'), await issuer.sign(claims()))
  writeFileSync(at('key.pem'), pem)
  writeFileSync(at('trusted.json'), JSON.stringify({ keys: [publicJwk] }))
  cpSync(POLICIES, at('policies'), { recursive: true })
})
afterAll(() => {
  killBrokers()
  for (const child of writers) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const startBroker = (name: string, port?: number): Promise<BrokerProcess> =>
  startBrokerProcess({
    folder,
    policies: at('policies'),
    keys: issuer.keys,
    audit: { directory: at('audit'), name, keyFile: at('key.pem') },
    ...(port === undefined ? {} : { port }),
  })

/** Told numbers: all before the last of them were acknowledged. */
const told: number[] = []
function startWriter({ url }: BrokerProcess): ChildProcess {
  const args = [WRITER, at('spool'), POD, url, join(at('tls'), 'ca.crt'), at('token')]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  createInterface(child.stdout).on('line', (line) => told.push(Number(line)))
  writers.add(child)
  child.on('exit', () => writers.delete(child))
  return child
}
async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}
const more = async () => {
  const before = told.at(-1) ?? 0
  await vi.waitFor(() => expect(told.at(-1)).toBeGreaterThan(before + 20), 60_000)
}

it('loses nothing that was acknowledged and counts nothing twice: sidecar killed, broker killed, broker changed and back', {
  timeout: 300_000,
}, async () => {
  let broker = await startBroker('broker-a')
  const { port } = broker
  let writer = startWriter(broker)
  await more()
  await end(writer, 'SIGKILL')
  writer = startWriter(broker)
  await more()
  await broker.end('SIGKILL')
  broker = await startBroker('broker-a', port)
  await more()
  await end(writer, 'SIGKILL')
  const other = await startBroker('broker-b')
  // It begins anew where its disk begins: the other broker gets again what the first one has.
  writer = startWriter(other)
  await more()
  await other.end('SIGKILL')
  await end(writer, 'SIGKILL')
  writer = startWriter(broker)
  await more()
  // In good order: the last batch is taken too.
  await end(writer, 'SIGTERM')
  await broker.end('SIGTERM')

  const acknowledged = Math.max(...told)
  expect(readdirSync(at('audit')).toSorted()).toEqual(['broker-a', 'broker-b'])
  const signed = ['--checkpoints', at('audit'), '--keys', at('trusted.json')]
  const { code, out } = await runCli(['audit', 'verify', at('audit'), ...signed])
  expect(code, out).toBe(0)
  const [, records] = /^0b1f3f5c\S+ .* ([\d,]+) records +whole, closed; countersigned to number \d+$/m.exec(out) ?? []
  expect(Number(records?.replace(',', '')), out).toBe(acknowledged)
  expect((await runCli(['audit', 'verify', at('spool')])).out).toContain(`${records} records`)
  // The folders of both, and of the pod too, are one log.
  expect((await runCli(['audit', 'verify', at('audit'), at('spool')])).out).toContain(`${records} records`)

  const both = [join(at('audit'), 'broker-a'), join(at('audit'), 'broker-b')]
  const read = async (...directories: string[]) => {
    const limit = ['--limit', '1000000', '--json']
    const found = (await runCli(['audit', 'query', ...directories, ...limit])).out.trimEnd().split('\n')
    return found.map((line) => JSON.parse(line)).filter(({ sidecar }) => sidecar === POD)
  }
  const inOrder = Array.from({ length: acknowledged }, (_, number) => number)
  expect((await read(at('audit'))).map(({ sequence }) => sequence)).toEqual(inOrder)
  expect((await read(...both)).map(({ sequence }) => sequence)).toEqual(inOrder)
  expect((await read(both[1] ?? '')).length).toBeLessThan(acknowledged)

  const own = both.map((each) => readdirSync(each).filter((name) => name.endsWith('.ndjson')))
  const brokersRecords = own.flatMap((names, index) =>
    names.flatMap((name) =>
      readFileSync(join(both[index] ?? '', name), 'utf8')
        .trimEnd()
        .split('\n'),
    ),
  )
  const all = acknowledged + brokersRecords.length
  for (const command of ['replay', 'unused']) {
    const { out: said, err } = await runCli(['policy', command, at('audit'), at('policies')])
    expect(said + err).toContain(`${all.toLocaleString('en-US')} records`)
  }
})

it('a policy is on record when it is in force, and when another is refused in its place', async () => {
  const broker = await startBroker('broker-p')
  const policies = () =>
    readFileSync(join(at('audit'), 'broker-p/broker-p-0.ndjson'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"kind":"policy"'))
      .map((line) => JSON.parse(line))
  await expect.poll(policies, { timeout: 60_000 }).toMatchObject([{ detail: 'in force' }])
  const [inForce] = policies()
  writeFileSync(at('policies/broken.yaml'), 'kind: Nothing\n')
  await expect
    .poll(() => policies().at(-1), { timeout: 60_000 })
    .toMatchObject({ bundle: inForce.bundle, detail: expect.stringMatching(/^another one was refused: /) })
  await broker.end('SIGTERM')
  expect(readFileSync(join(at('audit'), 'broker-p/broker-p-0.ndjson'), 'utf8')).toMatch(/"kind":"close".*\n$/)
}, 180_000)
