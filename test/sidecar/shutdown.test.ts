/** The end of a sidecar: in which order, however it was started, and each part within its time. */
import { beforeEach, expect, test } from 'vitest'
import { LIMITS } from '../../sidecar/gateway/limits.ts'
import { makeLog } from '../../sidecar/log.ts'
import { ENDS, type PartName, Shutdown } from '../../sidecar/shutdown.ts'
import { KerbsideError } from '../../src/core/errors.ts'
import { CALLED_OFF_MS } from '../../src/io/one-shot.ts'

const ORDER = ['gateway', 'audit log', 'credentials', 'events', 'health server', 'broker client'] as const
/** What a pod gets that says nothing of its own (`terminationGracePeriodSeconds`). */
const GRACE_MS = 30_000

let ended: string[]
let lines: string[]
let shutdown: Shutdown
beforeEach(() => {
  ended = []
  lines = []
  const log = makeLog({ level: 'info', out: (line) => lines.push(JSON.parse(line).message), clock: Date.now })
  shutdown = new Shutdown(log)
})

const part = (name: PartName, close = async () => {}) =>
  shutdown.add(name, { close: () => close().then(() => void ended.push(name)) })

test('requests first, then the audit log, then delegation token and caches; whatever the order of the start', async () => {
  for (const name of ORDER.toReversed()) part(name)
  await shutdown.run()
  expect(ended).toEqual(ORDER)
})

test('told to stop in the middle of its start, it ends what there is, once', async () => {
  part('broker client')
  part('credentials')
  await shutdown.run()
  await shutdown.run()
  expect(ended).toEqual(['credentials', 'broker client'])
})

test('a part that fails is told, and the others end all the same', async () => {
  part('audit log', () => Promise.reject(new KerbsideError('audit-unwritable', 'the disk is gone')))
  part('credentials')
  await shutdown.run()
  expect(ended).toEqual(['credentials'])
  expect(lines).toEqual(['audit log did not close well: the disk is gone'])
})

test('a part that waits for others has as long as all its waits together', () => {
  expect(ENDS.gateway).toBeGreaterThan(LIMITS.closeMs + LIMITS.cutMs)
  expect(ENDS.credentials).toBeGreaterThan(CALLED_OFF_MS + CALLED_OFF_MS)
})

test('parts that hang are left behind, and told; all together have the grace period of a pod that says nothing', async () => {
  expect(Object.values(ENDS).reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(GRACE_MS)
  const log = makeLog({ level: 'info', out: (line) => lines.push(JSON.parse(line).message), clock: Date.now })
  shutdown = new Shutdown(log, { ...ENDS, gateway: 20, credentials: 20 })
  for (const name of ['gateway', 'credentials'] as const) part(name, () => new Promise(() => {}))
  part('broker client')
  await shutdown.run()
  expect(ended).toEqual(['broker client'])
  expect(lines).toEqual(
    ['gateway', 'credentials'].map((name) => `${name} did not close well: it took longer than 0.02 s`),
  )
})
