/** A port for a program that is told which one to listen on, and so can't take whichever is free. */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that Linux gives to outgoing connections (ip_local_port_range), any of which may come between; and below NodePorts. */
const [FIRST, LAST] = [20_000, 29_999]
const given = new Set<number>()

/** Nobody listens there now, on any address, and it is given once only by this process. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST + 1)
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port)
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
