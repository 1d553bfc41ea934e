/** How code outside speaks with a lab's supervisor: one request a connection, JSON lines over a socket in the lab's folder. */
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import type { DaemonStatus } from './daemons.ts'
import { LabError } from './errors.ts'
import type { PartName } from './part.ts'
import type { ProgressEvent, ProgressSink } from './progress.ts'

export type Request =
  | { readonly do: 'start'; readonly parts: readonly PartName[] }
  | { readonly do: 'stop-daemon'; readonly name: string; readonly signal: NodeJS.Signals }
  | { readonly do: 'start-daemon'; readonly name: string }
  | { readonly do: 'freeze-daemon'; readonly name: string; readonly frozen: boolean }
  | { readonly do: 'status' }
  /** Never answered: the connection ends with the lab. */
  | { readonly do: 'watch' }

export type Status = { readonly parts: readonly PartName[]; readonly daemons: readonly DaemonStatus[] }

type Reply =
  | ProgressEvent
  | { readonly event: 'done'; readonly status: Status }
  | { readonly event: 'failed'; readonly message: string; readonly hint?: string }

/** Sends one request and resolves with the lab's status after it. Rejects with the supervisor's own sentence. */
export function ask(socketPath: string, request: Request, sink: ProgressSink = () => {}): Promise<Status> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath)
    const lost = () => reject(new LabError('the lab ended', 'its logs are in its folder until the next `up` or `down`'))
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`))
    socket.on('error', lost)
    socket.on('close', lost)
    eachLine(socket, (line) => {
      const reply = JSON.parse(line) as Reply
      if (reply.event === 'done') resolve(reply.status)
      else if (reply.event === 'failed') reject(new LabError(reply.message, reply.hint))
      else return sink(reply)
      socket.end()
    })
  })
}

/** Resolves when the lab has ended, whoever or whatever ended it. */
export function untilEnd(socketPath: string): { ended: Promise<void>; close(): void } {
  const socket = createConnection(socketPath)
  const ended = new Promise<void>((resolve) => {
    socket.on('connect', () => socket.write(`${JSON.stringify({ do: 'watch' } satisfies Request)}\n`))
    socket.on('error', () => resolve())
    socket.on('close', () => resolve())
  })
  socket.resume()
  socket.unref()
  return { ended, close: () => socket.destroy() }
}

/** The supervisor's side. `answer` rejects to refuse; what it tells the sink goes to the one who asked. */
export function serve(socketPath: string, answer: (request: Request, sink: ProgressSink) => Promise<Status>): Server {
  const talk = (socket: Socket) => {
    const send = (reply: Reply) => socket.writable && socket.write(`${JSON.stringify(reply)}\n`)
    socket.on('error', () => socket.destroy())
    eachLine(socket, async (line) => {
      try {
        send({ event: 'done', status: await answer(JSON.parse(line) as Request, send) })
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        const hint = error instanceof LabError ? error.hint : error instanceof Error ? error.stack : undefined
        send({ event: 'failed', message, ...(hint === undefined ? {} : { hint }) })
      }
    })
  }
  return createServer(talk).listen(socketPath)
}

function eachLine(socket: Socket, take: (line: string) => void): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  })
}
