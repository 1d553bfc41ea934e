/** One request of a client, and the few ways in which it is answered. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Told } from '../../src/core/hdfs/remote-exception.ts'
import type { Limits } from './limits.ts'

export class Client {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly #limits: Limits
  #mustAskToContinue: boolean

  /** @param awaitsContinue whether the body comes only after our `100 Continue` (RFC 9110, 10.1.1) */
  constructor(request: IncomingMessage, response: ServerResponse, limits: Limits, awaitsContinue: boolean) {
    this.request = request
    this.response = response
    this.#limits = limits
    this.#mustAskToContinue = awaitsContinue
    // What breaks on a client's connection is seen by whoever reads or writes it; an unheard error would end the process.
    request.on('error', () => {})
    response.on('error', () => {})
  }

  /** The request target as it stood in the request line, unnormalised. */
  get rawTarget(): string {
    return this.request.url ?? ''
  }

  get method(): string {
    return this.request.method ?? ''
  }

  /** Only Hadoop's Java client sends this, and always (`WebHdfsFileSystem`). */
  get isJava(): boolean {
    return this.request.headers['x-hadoop-accept-ez'] !== undefined
  }

  /** Bytes of the body as the client announces them; 0 when it does not, as with chunks. */
  get announcedBytes(): number {
    return Number(this.request.headers['content-length'] ?? 0)
  }

  get isGone(): boolean {
    return this.response.destroyed || this.request.socket.destroyed
  }

  /**
   * Calls at once when it is gone already. Being answered counts as going, too: there is nothing left to do for it.
   * @returns what takes the call back
   */
  whenGone(then: () => void): () => void {
    if (this.isGone) then()
    else this.response.once('close', then)
    return () => this.response.off('close', then)
  }

  /** Lets a client that waits send its body: nothing of it moves before the decision. */
  askForBody(): void {
    if (this.#mustAskToContinue) this.response.writeContinue()
    this.#mustAskToContinue = false
  }

  /** @returns the status that was told, 0 when nobody was there to be told */
  tell({ status, body }: Told, headers: Record<string, string> = {}): number {
    if (this.isGone || this.response.headersSent) return 0
    // Hadoop 3.5's shaded client fails on any Content-Type, and no other Java client asks for one.
    const type: Record<string, string> = this.isJava || body === '' ? {} : { 'content-type': 'application/json' }
    const length = { 'content-length': String(Buffer.byteLength(body)) }
    const isWhole = this.#isWhole
    this.response.writeHead(status, { ...type, ...length, ...headers, ...(isWhole ? {} : { connection: 'close' }) })
    // Closing on a client that still sends resets the connection before the answer is read.
    if (body !== '' && this.method !== 'HEAD') this.response.write(body)
    else this.response.flushHeaders()
    if (isWhole || this.#mustAskToContinue) this.response.end()
    else void this.#drain().then(() => this.response.end())
    return status
  }

  /** Begins an answer in JSON whose length is not known yet. It is ended by its end, and broken by an end without one. */
  begin(): ServerResponse {
    const type: Record<string, string> = this.isJava ? {} : { 'content-type': 'application/json' }
    return this.response.writeHead(200, { ...type, ...(this.#isWhole ? {} : { connection: 'close' }) })
  }

  /** Sends the client on to ourselves. Some ask for it in the body, since they cannot follow a redirect with a body. */
  redirect(pathAndQuery: string, redirectInBody: boolean): number {
    const location = `http://${this.#authority}${pathAndQuery}`
    return redirectInBody
      ? this.tell({ status: 200, body: JSON.stringify({ Location: location }) })
      : this.tell({ status: 307, body: '' }, { location })
  }

  /** A request without a body is whole before Node says that it is complete. */
  get #isWhole(): boolean {
    const { headers, complete } = this.request
    return complete || (headers['transfer-encoding'] === undefined && !(Number(headers['content-length']) > 0))
  }

  /** The name under which the client knows us; it was checked. */
  get #authority(): string {
    return this.request.headers.host ?? `127.0.0.1:${this.request.socket.localPort}`
  }

  #drain(): Promise<void> {
    return new Promise((resolve) => {
      let bytes = 0
      const stop = () => {
        clearTimeout(timer)
        resolve()
      }
      const timer = setTimeout(stop, this.#limits.drainMs)
      this.request.once('end', stop).once('close', stop)
      this.request.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > this.#limits.drainBytes) stop()
      })
      this.request.resume()
    })
  }
}
