/** The broker as its own process: what main.ts joins together. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { IN_SHADOW } from '../../src/core/policy/slice.ts'
import { readSlice } from '../../src/core/policy/slice-line.ts'
import { ask, bodyOf, linesOf, POLICIES } from './in-process.ts'
import type { Issuer } from './tokens.ts'
import { claims, ISSUER, makeIssuer } from './tokens.ts'

const KERBSIDE = join(import.meta.dirname, '../../src/kerbside.ts')
const POLICY_IN_SHADOW = '{apiVersion: kerbside.io/v1, kind: Policy, metadata: {name: all}, spec: {mode: shadow}}'
const folder = mkdtempSync(join(tmpdir(), 'kerbside-broker-'))
const policies = join(folder, 'policies')
const lines: { msg: string; addresses?: { port: number }[] }[] = []
let issuer: Issuer
let child: ChildProcess

const said = (message: string) => vi.waitFor(() => expect(lines.map(({ msg }) => msg)).toContain(message), 60_000)
const get = async (path: string) => {
  const port = lines.flatMap(({ addresses }) => addresses ?? [])[0]?.port ?? 0
  const ca = readFileSync(join(folder, 'tls', 'ca.crt'), 'utf8')
  return ask({ port, ca, path, token: await issuer.sign(claims()) })
}

beforeAll(async () => {
  issuer = await makeIssuer()
  mkdirSync(policies)
  writeFileSync(join(folder, 'keys.json'), issuer.keys)
  const tls = join(folder, 'tls')
  const args = ['--policies', policies, '--tls-directory', tls, '--listen', '127.0.0.1', '--port', '0']
  args.push('--keys-file', join(folder, 'keys.json'), '--issuer', ISSUER, '--drain-seconds', '0')
  const process_ = spawn(process.execPath, [KERBSIDE, 'broker', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  createInterface(process_.stdout).on('line', (line) => lines.push(JSON.parse(line)))
  child = process_
  await said('listening')
}, 30_000)
afterAll(() => {
  child?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

it('lives from policy to policy: none, good, changed, broken, mended; and leaves when it is told to', {
  timeout: 60_000,
}, async () => {
  await said('callers are known by public keys alone: a deleted pod is served until its token expires')
  await said('no usable policy')
  expect((await get('/readyz')).statusCode).toBe(503)
  expect((await get('/v1/slices?identity=quant-research')).statusCode).toBe(503)

  cpSync(POLICIES, policies, { recursive: true })
  await said('policy in force')
  expect((await get('/readyz')).statusCode).toBe(200)
  const stream = linesOf(await get('/v1/slices?identity=quant-research'))
  const first = readSlice((await stream.next()).value ?? '')

  edit('quant/grants.yaml', 'datasets: [market]', 'datasets: [marked]')
  await said('policy refused: the one before stays in force')
  const second = linesOf(await get('/v1/slices?identity=quant-research'))
  expect(readSlice((await second.next()).value ?? '')).toEqual(first)

  edit('quant/grants.yaml', 'datasets: [marked]', 'datasets: [market, weather]')
  for (const each of [stream, second]) {
    const slice = readSlice((await each.next()).value ?? '')
    expect(slice.places.map(({ path }) => path)).toContain('/data/weather')
    expect(slice.bundle).not.toBe(first.bundle)
  }

  writeFileSync(join(policies, 'mode.yaml'), POLICY_IN_SHADOW)
  await said(IN_SHADOW)
  expect(readSlice((await stream.next()).value ?? '').mode).toBe('shadow')
  expect(await bodyOf(await get('/metrics'))).toMatch(/^kerbside_policy_shadow 1$/m)

  child.kill('SIGTERM')
  expect(await stream.next()).toMatchObject({ done: true })
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode]
  expect(code).toBe(0)
})

function edit(file: string, from: string, to: string): void {
  const path = join(policies, file)
  writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
}
