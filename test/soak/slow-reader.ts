/** Reads one large file so slowly that tickets and delegation tokens come and go meanwhile, and compares it to the byte. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from '../suite.ts'
import { Client } from './client.ts'

const FILE = '/data/market/flights-3m.parquet'
/** What the lab loaded it from. */
const SOURCE = join(ROOT, 'node_modules/vega-datasets/data/flights-3m.parquet')
const BYTES_A_SECOND = 150_000

export class SlowReader extends Client {
  readonly #expected = readFileSync(SOURCE)

  constructor(gateway: string) {
    super(gateway, 0)
  }

  protected async turn(): Promise<void> {
    const { body } = await this.ask(`GET ${FILE}?op=OPEN`, 200)
    if (body === null) throw new Error(`${FILE}: no bytes`)
    let at = 0
    for await (const chunk of body) {
      const expected = this.#expected.subarray(at, at + chunk.length)
      if (!expected.equals(chunk)) throw new Error(`${FILE}: other bytes from ${at} on`)
      at += chunk.length
      if (this.isStopping) return
      await sleep((chunk.length / BYTES_A_SECOND) * 1000)
    }
    if (at !== this.#expected.length) throw new Error(`${FILE}: ${at} bytes, and then nothing`)
  }
}
