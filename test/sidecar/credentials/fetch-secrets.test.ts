/** What a login gets of its store, and for how long it waits for one that says nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { fetchSecrets, type SecretsSettings } from '../../../sidecar/credentials/fetch-secrets.ts'
import { type LoopbackService, startLoopbackService } from '../../io/secret-stores/loopback-service.ts'
import { SLICE } from '../gateway/story.ts'

const folder = mkdtempSync(join(tmpdir(), 'kerbside-'))
let service: LoopbackService
beforeAll(async () => {
  service = await startLoopbackService(['127.0.0.1'], () => ({ status: 500, body: {} }))
  writeFileSync(join(folder, 'token'), 'a.service-account.token')
})
afterAll(async () => {
  await service.close()
  rmSync(folder, { recursive: true })
})

const settings = (): SecretsSettings => ({
  ...{ store: 'vault', storeUrl: `https://127.0.0.1:${service.port}`, storeMount: 'kv', storeRole: 'quant-research' },
  ...{ storeAuth: 'none', storeLoginUrl: 'none', storeNamespace: 'none', storeKvVersion: '2' },
  ...{ ca: service.ca, tokenFile: join(folder, 'token'), broker: 'https://127.0.0.1:1', identity: 'quant-research' },
})

test('a store that takes the question and is silent is left after a time of ours, though nobody calls the login off', async () => {
  const time = new AbortController()
  const asked = new Promise<void>((resolve) => service.breaks(/login$/, () => resolve()))
  const within = vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(time.signal)
  try {
    const work = fetchSecrets(settings(), SLICE, new AbortController().signal)
    await asked
    expect(within.mock.calls).toEqual([[15_000]])
    time.abort()
    await expect(work).rejects.toMatchObject({ code: 'secret-unavailable' })
  } finally {
    within.mockRestore()
    service.heals()
  }
})
