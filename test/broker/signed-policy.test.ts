/** The broker as its own process, on a signed policy: what is not newer and signed changes nothing that a sidecar sees. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { readSlice } from '../../src/core/policy/slice-line.ts'
import { sign } from '../../src/io/policy/bundle-signature.ts'
import { flipped, jwks, payloadFrom, type Signer, signer } from '../io/policy/signed.ts'
import { ask, bodyOf, linesOf, POLICIES } from './in-process.ts'
import { claims, ISSUER, type Issuer, makeIssuer } from './tokens.ts'

const KERBSIDE = join(import.meta.dirname, '../../src/kerbside.ts')
const folder = mkdtempSync(join(tmpdir(), 'kerbside-broker-'))
const at = (name: string) => join(folder, name)
type Line = {
  readonly msg: string
  readonly code?: string
  readonly sequence?: number
  readonly addresses?: { port: number }[]
}
type Program = { readonly child: ChildProcess; readonly lines: Line[] }
const programs: Program[] = []
let issuer: Issuer
let ours: Signer
let stranger: Signer
/** Payload of the example as it stands, and of one with a grant more. */
let plain: (sequence: number) => Promise<string>
let wider: (sequence: number) => Promise<string>

function start(): Program {
  const args = ['--policies', at('policy'), '--policy-keys', at('keys.json'), '--policy-state', at('newest.json')]
  args.push('--tls-directory', at('tls'), '--listen', '127.0.0.1', '--port', '0', '--drain-seconds', '0')
  args.push('--keys-file', at('issuer.json'), '--issuer', ISSUER)
  const child = spawn(process.execPath, [KERBSIDE, 'broker', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: Line[] = []
  createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line)))
  programs.push({ child, lines })
  return { child, lines }
}
const said = ({ lines }: Program, line: Partial<Line>) =>
  vi.waitFor(() => expect(lines).toContainEqual(expect.objectContaining(line)), 60_000)
async function get({ lines }: Program, path: string) {
  const port = lines.flatMap(({ addresses }) => addresses ?? [])[0]?.port ?? 0
  return ask({ port, ca: readFileSync(at('tls/ca.crt'), 'utf8'), path, token: await issuer.sign(claims()) })
}
/** At once: no half of it is seen. */
function put(text: string): void {
  writeFileSync(at('new'), text)
  renameSync(at('new'), at('policy'))
}

beforeAll(async () => {
  issuer = await makeIssuer()
  ours = await signer()
  stranger = await signer()
  writeFileSync(at('issuer.json'), issuer.keys)
  writeFileSync(at('keys.json'), jwks(ours))
  cpSync(POLICIES, at('wider'), { recursive: true })
  const grants = join(at('wider'), 'quant/grants.yaml')
  writeFileSync(grants, readFileSync(grants, 'utf8').replace('datasets: [market]', 'datasets: [market, weather]'))
  plain = (sequence) => payloadFrom(POLICIES, sequence)
  wider = (sequence) => payloadFrom(at('wider'), sequence)
})
afterAll(() => {
  for (const { child } of programs) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

it('serves what is signed and newer, through every attempt to give it something else, and after a restart', {
  timeout: 60_000,
}, async () => {
  put(await sign(await plain(5), ours.key))
  const broker = start()
  await said(broker, { msg: 'listening' })
  await said(broker, { msg: 'policy in force', sequence: 5 })
  const stream = linesOf(await get(broker, '/v1/slices?identity=quant-research'))
  const first = readSlice((await stream.next()).value ?? '')

  const newer = await sign(await wider(6), ours.key)
  const refused = 'policy refused: the one before stays in force'
  const attempts: readonly [code: string, offer: () => Promise<void>][] = [
    ['bundle-older', async () => put(await sign(await wider(4), ours.key))],
    ['bundle-other-content', async () => put(await sign(await wider(5), ours.key))],
    ['bundle-unknown-key', async () => put(await sign(await wider(6), stranger.key))],
    ['bundle-bad-signature', async () => put(flipped(newer, newer.length >> 1, 3))],
    ['bundle-malformed', async () => put(newer.slice(0, -20).replace(/\.[^.]*$/, ''))],
    [
      'bundle-unsigned',
      async () => {
        symlinkSync('wider', at('new'))
        renameSync(at('new'), at('policy'))
      },
    ],
  ]
  for (const [code, offer] of attempts) {
    await offer()
    await said(broker, { msg: refused, code })
    const again = linesOf(await get(broker, '/v1/slices?identity=quant-research'))
    expect(readSlice((await again.next()).value ?? ''), code).toEqual(first)
  }
  const metrics = await bodyOf(await get(broker, '/metrics'))
  for (const [code] of attempts) expect(metrics).toContain(`kerbside_policy_refusals_total{code="${code}"} 1\n`)
  expect(metrics).toMatch(/^kerbside_policy_sequence 5$/m)
  expect((await get(broker, '/readyz')).statusCode).toBe(200)

  put(newer)
  const second = readSlice((await stream.next()).value ?? '')
  expect(second.bundle).not.toBe(first.bundle)
  expect(second.places.map(({ path }) => path)).toContain('/data/weather')

  broker.child.kill('SIGTERM')
  await once(broker.child, 'exit')
  put(await sign(await plain(5), ours.key))
  const restarted = start()
  await said(restarted, { msg: 'listening' })
  await said(restarted, { msg: 'no usable policy', code: 'bundle-older' })
  expect((await get(restarted, '/readyz')).statusCode).toBe(503)
  expect((await get(restarted, '/v1/slices?identity=quant-research')).statusCode).toBe(503)
  put(newer)
  await said(restarted, { msg: 'policy in force', sequence: 6 })
})
