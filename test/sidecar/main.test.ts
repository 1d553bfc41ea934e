/** The program as Kubernetes starts it, when it cannot start: one clear sentence, the right exit code, nothing half-done. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { writeSettings } from '../../src/core/settings.ts'
import { freePort } from '../free-port.ts'
import { SLICE } from './gateway/story.ts'
import { type LoopbackBroker, makeAuthority, startLoopbackBroker, stream } from './policy/loopback-broker.ts'

const KERBSIDE = join(import.meta.dirname, '../../src/kerbside.ts')

// Each test starts a program; a busy machine takes seconds for it.
vi.setConfig({ testTimeout: 30_000 })

let broker: LoopbackBroker
let folder: string
beforeAll(async () => {
  broker = await startLoopbackBroker(await makeAuthority())
})
afterAll(() => broker.close())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-'))
  writeFileSync(join(folder, 'token'), 'token')
})
afterEach(() => rmSync(folder, { recursive: true }))

function environment(change: Readonly<Record<string, string>> = {}): Record<string, string> {
  const env = writeSettings({
    identity: 'quant-research',
    pod: 'train-0',
    podUid: '0b9e6a5e-0000-4000-8000-000000000001',
    namespace: 'ml-quant',
    serviceAccount: 'trainer',
    node: 'node1',
    broker: broker.url,
    ca: broker.ca,
    tokenFile: join(folder, 'token'),
    store: 'files',
    storeUrl: 'none',
    storeMount: join(folder, 'store'),
    storeRole: 'none',
    storeAuth: 'none',
    storeLoginUrl: 'none',
    storeNamespace: 'none',
    storeKvVersion: '2',
    gatewayPort: 1,
    healthPort: 1,
    runDirectory: join(folder, 'run'),
    auditDirectory: join(folder, 'audit'),
    clientDirectory: join(folder, 'client'),
    logLevel: 'info',
  })
  return { ...env, ...change }
}

/** A port that another process holds, and how to let it go. */
async function takenPort(host?: string): Promise<{ port: number; free: () => void }> {
  const server = createServer().listen(0, host)
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return { port: address.port, free: () => server.close() }
}

function run(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [KERBSIDE, 'sidecar', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const outcome = Promise.all([ended, text(child.stdout), text(child.stderr)]).then(([exitCode, stdout, stderr]) => ({
    exitCode,
    stdout,
    stderr,
  }))
  return { child, outcome }
}

test('all that is wrong with the settings is told at once, with exit code 2', async () => {
  const { outcome } = run(
    environment({ KERBSIDE_GATEWAY_PORT: '99999', KERBSIDE_STORE: 'floppy', KERBSIDE_COLOUR: 'x' }),
  )
  const { exitCode, stderr, stdout } = await outcome
  expect(exitCode).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain('KERBSIDE_GATEWAY_PORT is `99999`')
  expect(stderr).toContain('KERBSIDE_STORE is `floppy`')
  expect(stderr).toContain('KERBSIDE_COLOUR is not a setting')
  expect(stderr).toContain('sidecar/README.md')
})

test('OpenBao without an address or a role is a setting that is wrong', async () => {
  const { exitCode, stderr } = await run(environment({ KERBSIDE_STORE: 'openbao' })).outcome
  expect(exitCode).toBe(2)
  expect(stderr).toContain('KERBSIDE_STORE_URL is `none`')
  expect(stderr).toContain('KERBSIDE_STORE_ROLE is `none`')
})

test('no store, and a policy that has the identity ask one by itself: told by name before anything is written', async () => {
  broker.answer(stream(JSON.stringify(SLICE)))
  const ports = { KERBSIDE_HEALTH_PORT: String(await freePort()), KERBSIDE_STORE: 'none' }
  const { exitCode, stderr } = await run(environment(ports)).outcome
  expect(exitCode).toBe(2)
  expect(stderr).toContain('no secret store, and policy has the identity `quant-research` ask one by itself')
  expect(stderr).toContain('the Identity must say `secretsThrough: broker`')
  expect(readdirSync(folder)).toEqual(['token'])
})

test('an unknown argument is refused with exit code 2', async () => {
  const { exitCode, stderr } = await run(environment(), '--verbose').outcome
  expect(exitCode).toBe(2)
  expect(stderr).toContain('unknown argument `--verbose`')
})

test('a health port that is taken ends it, and nothing was written', async () => {
  const { port, free } = await takenPort()
  const { exitCode, stderr } = await run(environment({ KERBSIDE_HEALTH_PORT: String(port) })).outcome
  free()
  expect(exitCode).toBe(1)
  expect(stderr).toContain(`cannot listen on port ${port} for health and metrics`)
  expect(readdirSync(folder)).toEqual(['token'])
})

test('a gateway port that is taken ends it with a sentence, and the audit log is closed well', async () => {
  broker.answer(stream(JSON.stringify(SLICE)))
  const { port, free } = await takenPort('127.0.0.1')
  const ports = { KERBSIDE_GATEWAY_PORT: String(port), KERBSIDE_HEALTH_PORT: String(await freePort()) }
  const { exitCode, stderr } = await run(environment(ports)).outcome
  free()
  expect(exitCode).toBe(1)
  expect(stderr).toContain(`cannot listen on 127.0.0.1:${port}`)
  expect(existsSync(join(folder, 'run', 'kerberos'))).toBe(false)
  const [segment = ''] = readdirSync(join(folder, 'audit'))
  expect(
    readFileSync(join(folder, 'audit', segment), 'utf8')
      .trim()
      .split('\n')
      .at(-1),
  ).toContain('"kind":"close"')
})

test('a client folder that cannot be written ends it with a sentence', async () => {
  broker.answer(stream(JSON.stringify(SLICE)))
  writeFileSync(join(folder, 'client'), 'a file where the folder should be')
  const { exitCode, stderr } = await run(environment({ KERBSIDE_HEALTH_PORT: String(await freePort()) })).outcome
  expect(exitCode).toBe(1)
  expect(stderr).toContain('the client configuration cannot be written to')
})

test('told to stop while it waits for the broker, it ends well', async () => {
  broker.answer((response) => response.writeHead(200).flushHeaders())
  const { child, outcome } = run(environment({ KERBSIDE_HEALTH_PORT: String(await freePort()) }))
  broker.seen.length = 0
  while (broker.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  child.kill('SIGTERM')
  const { exitCode, stdout } = await outcome
  expect(exitCode).toBe(0)
  expect(stdout).toContain('"message":"stopped"')
})
