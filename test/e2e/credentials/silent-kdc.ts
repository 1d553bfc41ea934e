/** A KDC that takes connections and says nothing, which the real one does only for as long as it is frozen. */
import { once } from 'node:events'
import { createServer } from 'node:net'

export type SilentKdc = {
  /** `127.0.0.1:PORT`. */
  readonly address: string
  close(): void
}

export async function silentKdc(): Promise<SilentKdc> {
  const server = createServer(() => undefined).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    address: `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    close: () => server.close(),
  }
}
