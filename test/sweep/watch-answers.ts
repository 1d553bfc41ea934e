/** All bytes that leave the gateway of a test, searched for credentials while they leave: no test has to think of it. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { credentialIn } from './credentials.ts'
import type { Sweep } from './sweep.ts'

export type Watch = {
  /** Sentences, one for each that was found. */
  readonly found: readonly string[]
  stop(): void
}

const CHANNEL = 'net.server.socket'
/** Of each connection: beyond that it is the content of files. */
const SEARCHED_BYTES = 4 * 1024 * 1024
/** What may stand across the end of a chunk. */
const CARRIED_BYTES = 8192

/** @param isOurs whether a connection is one to the gateway; asked once it has been accepted */
export function watchAnswers(sweep: Sweep, isOurs: (socket: Socket) => boolean): Watch {
  const found: string[] = []
  const onSocket = (message: unknown) => {
    const { socket } = message as { socket: Socket }
    if (isOurs(socket)) watch(socket, (bytes) => found.push(...search(sweep, bytes)))
  }
  subscribe(CHANNEL, onSocket)
  return { found, stop: () => void unsubscribe(CHANNEL, onSocket) }
}

/** Searched as the search of answers does it, for what was kept elsewhere: records and warnings. */
export function search(sweep: Sweep, bytes: Buffer): string[] {
  const credential = credentialIn(bytes.toString('latin1'))
  return [
    ...sweep.find(bytes).map(({ secret, form }) => `${secret} ${form}`),
    ...(credential === undefined ? [] : [`\`${credential}\``]),
  ]
}

/**
 * Ends the watch.
 * @param kept what else was written down: records, warnings, counters
 * @throws Error when a credential left, or was kept
 */
export function expectNoCredential({ found, stop }: Watch, sweep: Sweep, kept: unknown): void {
  stop()
  const all = [...found, ...search(sweep, Buffer.from(JSON.stringify(kept)))]
  if (all.length > 0) throw new Error(`a credential left the gateway: ${all.join(', ')}`)
}

function watch(socket: Socket, see: (bytes: Buffer) => void): void {
  let carried = Buffer.alloc(0)
  let searched = 0
  const take = (chunks: readonly (Buffer | string)[]) => {
    if (searched > SEARCHED_BYTES) return
    const bytes = Buffer.concat([carried, ...chunks.map((chunk) => Buffer.from(chunk as string, 'latin1'))])
    searched += bytes.length
    see(bytes)
    carried = bytes.subarray(-CARRIED_BYTES)
  }
  const { _write: writeOne, _writev: writeMany } = socket
  socket._write = (chunk, encoding, done) => {
    take([chunk])
    writeOne.call(socket, chunk, encoding, done)
  }
  if (writeMany == null) return
  socket._writev = (chunks, done) => {
    take(chunks.map(({ chunk }) => chunk as Buffer))
    writeMany.call(socket, chunks, done)
  }
}
