/** Records on their way, with real processes that are killed: what was acknowledged is there, once, whoever died and whoever took it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { makeSigningKey } from '../../src/io/policy/bundle-keys.ts'
import { runCli } from '../cli/run-cli.ts'
import { POLICIES } from './in-process.ts'
import { claims, ISSUER, type Issuer, makeIssuer } from './tokens.ts'

const KERBSIDE = join(import.meta.dirname, '../../src/kerbside.ts')
const WRITER = join(import.meta.dirname, '../io/audit/shipping-writer.ts')
const POD = '0b1f3f5c-1f7e-4b5e-9a3c-0d9e8f7a6b5c'
const folder = mkdtempSync(join(tmpdir(), 'kerbside-delivery-'))
const at = (name: string) => join(folder, name)
const running = new Set<ChildProcess>()
let issuer: Issuer

beforeAll(async () => {
  issuer = await makeIssuer()
  const { pem, publicJwk } = await makeSigningKey('EdDSA')
  writeFileSync(at('keys.json'), issuer.keys)
  writeFileSync(at('token'), await issuer.sign(claims()))
  writeFileSync(at('key.pem'), pem)
  writeFileSync(at('trusted.json'), JSON.stringify({ keys: [publicJwk] }))
  cpSync(POLICIES, at('policies'), { recursive: true })
})
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

function start(args: readonly string[], onLine: (line: string) => void): ChildProcess {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  createInterface(child.stdout).on('line', onLine)
  running.add(child)
  child.on('exit', () => running.delete(child))
  return child
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}

async function startBroker(name: string, port: number): Promise<ChildProcess> {
  const lines: string[] = []
  const args = [
    '--policies',
    at('policies'),
    '--tls-directory',
    at('tls'),
    '--listen',
    '127.0.0.1',
    '--name',
    '127.0.0.1',
  ]
  args.push('--keys-file', at('keys.json'), '--issuer', ISSUER, '--drain-seconds', '0', '--port', String(port))
  args.push('--audit', at('audit'), '--audit-name', name, '--audit-key', at('key.pem'))
  const child = start([KERBSIDE, 'broker', ...args], (line) => lines.push(line))
  await vi.waitFor(() => expect(lines.join('\n')).toContain('"listening"'), 60_000)
  return child
}

/** Told numbers: all before the last of them were acknowledged. */
const told: number[] = []
const startWriter = (port: number) =>
  start([WRITER, at('spool'), POD, `https://127.0.0.1:${port}`, join(at('tls'), 'ca.crt'), at('token')], (line) =>
    told.push(Number(line)),
  )
const more = async () => {
  const before = told.at(-1) ?? 0
  await vi.waitFor(() => expect(told.at(-1)).toBeGreaterThan(before + 20), 60_000)
}

it('loses nothing that was acknowledged and counts nothing twice: sidecar killed, broker killed, broker changed and back', {
  timeout: 300_000,
}, async () => {
  const [first, second] = [await freePort(), await freePort()]
  let broker = await startBroker('broker-a', first)
  let writer = startWriter(first)
  await more()
  await end(writer, 'SIGKILL')
  writer = startWriter(first)
  await more()
  await end(broker, 'SIGKILL')
  broker = await startBroker('broker-a', first)
  await more()
  await end(writer, 'SIGKILL')
  const other = await startBroker('broker-b', second)
  writer = startWriter(second)
  await more()
  await end(other, 'SIGKILL')
  await end(writer, 'SIGKILL')
  writer = startWriter(first)
  await more()
  // In good order: the last batch is taken too.
  await end(writer, 'SIGTERM')
  await end(broker, 'SIGTERM')

  const acknowledged = Math.max(...told)
  expect(readdirSync(at('audit')).toSorted()).toEqual(['broker-a', 'broker-b'])
  const { code, out } = await runCli([
    'audit',
    'verify',
    at('audit'),
    '--checkpoints',
    at('audit'),
    '--keys',
    at('trusted.json'),
  ])
  expect(code, out).toBe(0)
  const [, records] = /^0b1f3f5c\S+ .* ([\d,]+) records +whole, closed; countersigned to number \d+$/m.exec(out) ?? []
  expect(Number(records?.replace(',', '')), out).toBe(acknowledged)
  const spool = await runCli(['audit', 'verify', at('spool')])
  expect(spool.out).toContain(`${records} records`)
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}
