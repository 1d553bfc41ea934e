/** The first TLS and the first Kerberos of a NameNode that has just started take seconds; doctor, rightly, waits for few. */
import { httpsRequest } from '../../../src/io/https-request.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import type { World } from '../credentials/world.ts'

const WITHIN_MS = 60_000

/** Resolves when each has had time for both. What they answer does not count here. */
export async function warmUp(world: World): Promise<void> {
  await world.acquire()
  await Promise.all(
    SLICE.cluster.nameNodes.map(async (origin) => {
      const url = new URL('/webhdfs/v1/?op=GETFILESTATUS', origin)
      const signal = AbortSignal.timeout(WITHIN_MS)
      await httpsRequest({ url, method: 'GET', ca: world.caPem, signal }).catch(() => undefined)
      const token = await world.negotiate({ do: 'get' }, { nameNodes: [origin] }).catch(() => undefined)
      if (token !== undefined) await world.negotiate({ do: 'cancel', token: token.token }).catch(() => undefined)
    }),
  )
}
