/** A DataNode closes each connection; that the next one costs no whole handshake is up to it and to us. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { Agents } from '../../../sidecar/gateway/agents.ts'
import { attach } from '../../lab/lab.ts'

test('TLS sessions towards a real DataNode are resumed', async () => {
  const caPem = readFileSync(attach()?.files.authority ?? 'these tests run inside the lab', 'utf8')
  const agents = new Agents(() => ({ caPem }))
  /** Whether the session was an earlier one. */
  const askOnce = async (): Promise<boolean> => {
    const path = '/webhdfs/v1/x?op=OPEN'
    const sent = request({ host: 'dn1.lab', port: 9865, path, agent: agents.fresh('https:') }).end()
    const [response] = await once(sent, 'response')
    await once(response.resume(), 'end')
    return (response.socket as TLSSocket).isSessionReused()
  }
  expect(await askOnce()).toBe(false)
  await expect.poll(askOnce).toBe(true)
  agents.close()
})
