/** Whether a webhook says that it is ready, by its certificate: a proxy in front of it must not send pods to one that nobody can verify. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LIVES } from '../../src/io/tls/certificates.ts'
import { webhookMetrics } from '../../webhook/metrics.ts'
import { readOptions } from '../../webhook/options.ts'
import { serveTls, type WebhookTls } from '../../webhook/serve-tls.ts'

const LIMIT_MS = 60_000
let folder: string
let tls: WebhookTls

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kerbside-serve-'))
})
afterEach(() => {
  vi.useRealTimers()
  tls.stop()
  rmSync(folder, { recursive: true })
})

test(
  'it is ready while its certificate is valid, and not from the second on in which that ends',
  async () => {
    const options = readOptions(['--policies', 'policies', '--tls-directory', folder])
    if (options === undefined) throw new Error('no options')
    const log = pino({ enabled: false })
    tls = await serveTls(options, { cluster: undefined, beside: '', log, metrics: webhookMetrics(), use: () => {} })
    expect(tls.problem()).toBeUndefined()
    const now = Date.now()
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.setSystemTime(now + LIVES.leafSeconds * 1000 - LIMIT_MS)
    expect(tls.problem()).toBeUndefined()
    vi.setSystemTime(now + LIVES.leafSeconds * 1000 + 1000)
    expect(tls.problem()).toBe('the certificate has expired')
  },
  LIMIT_MS,
)
