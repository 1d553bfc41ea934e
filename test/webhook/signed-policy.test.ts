/** The webhook on a signed policy: it starts with nothing else, and keeps what it has. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { sign } from '../../src/io/policy/bundle-signature.ts'
import type { PolicySource } from '../../src/io/policy/source.ts'
import { currentPolicy } from '../../webhook/current-policy.ts'
import { webhookMetrics } from '../../webhook/metrics.ts'
import { readOptions } from '../../webhook/options.ts'
import { folderWith, SMALL } from '../io/policy/folder.ts'
import { flipped, folderOf, jwks, payloadFrom, type Signer, signed, signer } from '../io/policy/signed.ts'

const CHANGED = SMALL.replace('"allow"', '"deny"')
let ours: Signer
let stranger: Signer
beforeAll(async () => {
  ours = await signer()
  stranger = await signer()
})

function webhook() {
  const logged: string[] = []
  const log = pino({}, { write: (line: string) => void logged.push(line) })
  return { log, logged, metrics: webhookMetrics() }
}
/** As the command line says it. */
const source = (place: { bundle: string; keys: string }, ...more: readonly string[]): PolicySource => {
  const args = ['--policies', place.bundle, '--policy-keys', place.keys, '--tls-directory', 't', ...more]
  return readOptions(args)?.policies ?? { directory: '' }
}

test('a newer bundle is in force without a restart; an older, a foreign and a broken one are not', async () => {
  const place = folderOf(jwks(ours), await signed(5, ours))
  const { log, logged, metrics } = webhook()
  const policy = await currentPolicy(source(place), { log, metrics })
  onTestFinished(policy.stop)
  const first = policy.bundle()
  const newer = await signed(6, ours, CHANGED)
  const attempts: readonly [string, string][] = [
    ['bundle-older', await signed(4, ours, CHANGED)],
    ['bundle-unknown-key', await signed(6, stranger, CHANGED)],
    ['bundle-bad-signature', flipped(newer, newer.length >> 1, 0)],
    ['bundle-unsigned', await payloadFrom(folderWith({ 'a.yaml': CHANGED }), 6)],
  ]
  for (const [code, text] of attempts) {
    place.put(text)
    await vi.waitFor(() => expect(logged.join('')).toContain(`"code":"${code}"`), 60_000)
    expect(policy.bundle()).toBe(first)
  }
  const counted = await metrics.registry.metrics()
  for (const [code] of attempts) expect(counted).toContain(`kerbside_policy_refusals_total{code="${code}"} 1`)
  expect(counted).toContain('kerbside_policy_reads_total{outcome="refused"} 4')
  place.put(newer)
  await vi.waitFor(() => expect(policy.bundle().grants[0]?.effect).toBe('deny'), 60_000)
  expect(await metrics.registry.metrics()).toContain('kerbside_policy_sequence 6')
})

test('it does not start on a bundle that is too old, foreign, or not there at all', async () => {
  const start = (place: { bundle: string; keys: string }, ...more: readonly string[]) =>
    currentPolicy(source(place, ...more), webhook())
  const old = folderOf(jwks(ours), await signed(5, ours))
  await expect(start(old, '--policy-at-least', '6')).rejects.toMatchObject({ code: 'bundle-older' })
  const record = join(folderWith({ state: '{"sequence":6,"hash":"x"}' }), 'state')
  await expect(start(old, '--policy-state', record)).rejects.toMatchObject({ code: 'bundle-older' })
  expect(readFileSync(record, 'utf8')).toBe('{"sequence":6,"hash":"x"}')
  const foreign = folderOf(jwks(ours), await sign(await payloadFrom(folderWith({ 'a.yaml': SMALL }), 9), stranger.key))
  await expect(start(foreign)).rejects.toMatchObject({ code: 'bundle-unknown-key' })
  const folder = folderWith({ 'a.yaml': SMALL })
  await expect(start({ ...old, bundle: folder })).rejects.toMatchObject({ code: 'bundle-unsigned' })
  await expect(start(folderOf(jwks(ours)))).rejects.toThrow('does not exist')
  await expect(start({ ...old, keys: join(folder, 'none') })).rejects.toMatchObject({ code: 'bundle-bad-keys' })
})

test('flags of a signed policy without keys are a slip that is told', () => {
  const least = ['--policies', 'p', '--tls-directory', 't']
  const signed = { file: 'p', keysFile: 'k', atLeast: 7, stateFile: 's' }
  const flags = ['--policy-keys', 'k', '--policy-at-least', '7', '--policy-state', 's']
  expect(readOptions([...least, ...flags])).toMatchObject({ policies: { signed } })
  for (const flag of ['--policy-at-least', '--policy-state']) {
    expect(() => readOptions([...least, flag, '7'])).toThrow('give --policy-keys')
  }
  expect(() => readOptions([...least, '--policy-keys', 'k', '--policy-at-least', '-1'])).toThrow('whole number')
})
