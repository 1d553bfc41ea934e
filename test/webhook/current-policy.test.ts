/** Policy on disk while the webhook runs: taken over when it is good, told and not taken over when it is broken. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type CurrentPolicy, currentPolicy } from '../../webhook/current-policy.ts'
import { webhookMetrics } from '../../webhook/metrics.ts'

const EXAMPLES = join(import.meta.dirname, '../../policies')
let folder = ''
let policy: CurrentPolicy | undefined
const logged: string[] = []
const log = pino({}, { write: (line: string) => void logged.push(line) })
const metrics = webhookMetrics()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kerbside-policy-'))
})
afterEach(async () => {
  policy?.stop()
  policy = undefined
  await rm(folder, { recursive: true })
})

test('a change is in force without a restart, and a broken one is not', async () => {
  await cp(EXAMPLES, folder, { recursive: true })
  policy = await currentPolicy({ directory: folder }, { log, metrics })
  const first = policy.bundle().hash
  const team = { apiVersion: 'kerbside.io/v1', kind: 'Grant', metadata: { name: 'one-more' } }
  const spec = { effect: 'deny', teams: ['quant'], datasets: ['market'], actions: ['read'] }
  await writeFile(join(folder, 'more.yaml'), JSON.stringify({ ...team, spec }))
  await vi.waitFor(() => expect(policy?.bundle().hash).not.toBe(first), { timeout: 60_000 })
  const second = policy.bundle().hash
  await writeFile(join(folder, 'more.yaml'), 'kind: Grnat')
  await vi.waitFor(() => expect(logged.join('')).toContain('the last good one stays in force'), { timeout: 60_000 })
  expect(policy.bundle().hash).toBe(second)
  expect(logged.join('')).toContain('more.yaml')
  expect(await metrics.registry.metrics()).toContain('kerbside_policy_reads_total{outcome="refused"} 1')
  expect(await metrics.registry.metrics()).toContain('kerbside_policy_stale 1')
  await rm(join(folder, 'more.yaml'))
  await vi.waitFor(() => expect(policy?.bundle().hash).toBe(first), { timeout: 60_000 })
  expect(await metrics.registry.metrics()).toContain('kerbside_policy_stale 0')
}, 30_000)

test('a policy in shadow is told at each load, and no longer when it is enforced again', async () => {
  await cp(EXAMPLES, folder, { recursive: true })
  const mode = (mode: string) =>
    writeFile(
      join(folder, 'mode.yaml'),
      JSON.stringify({ apiVersion: 'kerbside.io/v1', kind: 'Policy', metadata: { name: 'mode' }, spec: { mode } }),
    )
  const gauge = async () => /^kerbside_policy_shadow (\d)$/m.exec(await metrics.registry.metrics())?.[1]
  await mode('shadow')
  logged.length = 0
  policy = await currentPolicy({ directory: folder }, { log, metrics })
  expect([logged.filter((line) => line.includes('in shadow as a whole')).length, await gauge()]).toEqual([1, '1'])
  await mode('enforce')
  await vi.waitFor(async () => expect(await gauge()).toBe('0'), { timeout: 60_000 })
  expect(logged.filter((line) => line.includes('in shadow as a whole'))).toHaveLength(1)
}, 30_000)

test('a directory that is broken to begin with is refused with all its problems', async () => {
  await writeFile(join(folder, 'a.yaml'), 'kind: Grnat')
  await writeFile(join(folder, 'b.yaml'), 'a: [')
  const refused = currentPolicy({ directory: folder }, { log, metrics })
  await expect(refused).rejects.toMatchObject({
    code: 'bad-policy',
    message: expect.stringMatching(/a\.yaml[\s\S]*b\.yaml/),
  })
  await expect(currentPolicy({ directory: join(folder, 'none') }, { log, metrics })).rejects.toThrow('does not exist')
})
