/** How fast a file of 256 MB is read through the gateway, and straight from HDFS, by one and the same client. Inside the lab. */
import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SIDECAR_MEMORY } from '../../src/core/identity/sidecar-memory.ts'
import { type Standing, standHere } from '../e2e/gateway/standing.ts'

const run = promisify(execFile)
const BYTES = 256 * 1000 * 1000
const PATH = '/team/quant/bench-read'

/** In 10⁶ bytes a second, best of the rounds. */
export type ReadFigures = {
  readonly bytes: number
  readonly direct: number
  readonly gateway: number
  /** Eight readers at once, all bytes together. */
  readonly directEight: number
  readonly gatewayEight: number
}

/** Rounds alternate between the two ways, so that neither has the warmer cache. */
export async function benchRead(rounds = 3): Promise<ReadFigures> {
  const standing = await standHere()
  const gateway = fork(join(import.meta.dirname, 'gateway-process.ts'), { env: { ...process.env, ...SIDECAR_MEMORY } })
  try {
    const [{ port }] = await once(gateway, 'message')
    await standing.direct('PUT', `${PATH}?op=CREATE&overwrite=true`, Buffer.alloc(BYTES, 'kerbside'))
    const urls = { direct: await directUrl(standing), gateway: `http://127.0.0.1:${port}/webhdfs/v1${PATH}?op=OPEN` }
    const best = { direct: 0, gateway: 0, directEight: 0, gatewayEight: 0 }
    for (let round = 0; round < rounds; round++) {
      for (const way of ['direct', 'gateway'] as const) {
        best[way] = Math.max(best[way], await rate(standing, urls[way], 1))
        best[`${way}Eight`] = Math.max(best[`${way}Eight`], await rate(standing, urls[way], 8))
      }
    }
    return { bytes: BYTES, ...best }
  } finally {
    gateway.disconnect()
    await standing.direct('DELETE', `${PATH}?op=DELETE`)
    await standing.stop()
  }
}

async function directUrl(standing: Standing): Promise<string> {
  const name = await standing.active()
  return `https://${name}.lab:9871/webhdfs/v1${PATH}?op=OPEN&delegation=${standing.delegationToken}`
}

/** Of all readers together. By curl, so that the client costs least. */
async function rate({ lab }: Standing, url: string, readers: number): Promise<number> {
  const words = [
    '-sS',
    '-L',
    '--fail',
    '--cacert',
    lab.files.authority,
    '-o',
    '/dev/null',
    '-w',
    '%{size_download}',
    url,
  ]
  const began = performance.now()
  const ended = await Promise.all(Array.from({ length: readers }, () => run('curl', words)))
  const bytes = ended.reduce((sum, { stdout }) => sum + Number(stdout), 0)
  if (bytes !== BYTES * readers) throw new Error(`${bytes} bytes were read, not ${BYTES * readers}`)
  return bytes / 1000 / (performance.now() - began)
}
