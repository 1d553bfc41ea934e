/** The pages over a folder of records, in this process and without a login: what tests and the browser ask. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { chainWatch } from '../../src/review/chain-watch.ts'
import { NO_JOURNAL } from '../../src/review/journal.ts'
import { type OpenQuestions, openQuestions, type QuestionsOptions } from '../../src/review/query/open.ts'
import { type ReviewServer, reviewServer } from '../../src/review/server.ts'

export type InProcess = {
  readonly url: string
  readonly port: number
  readonly directory: string
  readonly asking: OpenQuestions
  readonly server: ReviewServer
  close(): Promise<void>
}

export type InProcessOptions = {
  readonly clock: () => number
  /** Writes the records that are there at the beginning. */
  readonly fill: (directory: string) => void | Promise<void>
  readonly names?: readonly string[]
} & Pick<QuestionsOptions, 'policy' | 'archive' | 'keysFile' | 'taking'> & {
    /** Folders with Parquet, below the directory. */
    readonly parquetIn?: (directory: string) => readonly string[]
    /** Public keys of the brokers of that directory. */
    readonly checkpointKeys?: string
  }

export async function inProcess({
  clock,
  fill,
  names = [],
  parquetIn,
  checkpointKeys: keysFile,
  ...options
}: InProcessOptions): Promise<InProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-review-'))
  const [directory, cache] = [join(folder, 'audit'), join(folder, 'cache')]
  for (const one of [directory, cache]) mkdirSync(one)
  await fill(directory)
  const asking = await openQuestions({
    ...{ directory, cache, clock, ...options, parquet: parquetIn?.(directory) ?? [] },
    ...(keysFile === undefined ? {} : { checkpoints: { directory, keysFile } }),
  })
  await asking.look()
  const served = await serve(asking, { clock, names })
  return {
    ...{ ...served, directory, asking },
    async close() {
      await served.close()
      await asking.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Served = Pick<InProcess, 'url' | 'port' | 'server' | 'close'>

/** The pages over questions that somebody else opened, and closes. */
export async function serve(
  { questions }: OpenQuestions,
  { clock, names = [] }: Pick<InProcessOptions, 'clock' | 'names'>,
): Promise<Served> {
  const chains = chainWatch(questions, clock)
  const log = pino({ enabled: false })
  const server = reviewServer({
    questions,
    chains,
    views: undefined,
    log,
    names,
    login: undefined,
    journal: NO_JOURNAL,
    isTls: false,
    clock,
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port, server, close: () => server.close() }
}
