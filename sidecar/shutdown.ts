/** Closes parts in the reverse of the order in which they were started. One that fails does not keep the others open. */
import { toKerbsideError } from '../src/core/errors.ts'
import type { Log } from './log.ts'

type Closer = { readonly name: string; readonly close: () => Promise<void> }

export class Shutdown {
  readonly #closers: Closer[] = []
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  /** Takes the part in and gives it back. */
  add<Part extends { close(): Promise<void> }>(name: string, part: Part): Part {
    this.#closers.push({ name, close: () => part.close() })
    return part
  }

  async run(): Promise<void> {
    for (const { name, close } of this.#closers.splice(0).reverse()) {
      await close().catch((thrown: unknown) => {
        this.#log.error(`${name} did not close well: ${toKerbsideError(thrown).message}`)
      })
    }
  }
}
