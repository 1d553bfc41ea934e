/** Writes a file, adds to it, reads it back to the byte, and deletes it, again and again. */
import { randomBytes } from 'node:crypto'
import { Client } from './client.ts'

const BYTES = 100_000

export class Writer extends Client {
  readonly #folder: string

  constructor(gateway: string, folder: string, pauseMs: number) {
    super(gateway, pauseMs)
    this.#folder = folder
  }

  protected async turn(number: number): Promise<void> {
    const file = `${this.#folder}/${number}`
    const [first, second] = [randomBytes(BYTES), randomBytes(BYTES)]
    await this.#do(`PUT ${file}?op=CREATE&overwrite=true`, 201, first)
    await this.#do(`POST ${file}?op=APPEND`, 200, second)
    const read = await this.ask(`GET ${file}?op=OPEN`, 200)
    const bytes = Buffer.from(await read.arrayBuffer())
    if (!bytes.equals(Buffer.concat([first, second]))) throw new Error(`${file}: read other bytes than were written`)
    await this.#do(`DELETE ${file}?op=DELETE`, 200)
  }

  async #do(question: string, status: number, body?: Uint8Array): Promise<void> {
    await (await this.ask(question, status, body)).arrayBuffer()
  }
}
