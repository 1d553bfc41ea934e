/** The questions over a directory of logs: what is new is taken in apart from them, and each sees what is in when it is asked. */

import { type ChainSources, chains } from './answers/chains.ts'
import { dataset } from './answers/dataset.ts'
import { denial } from './answers/denial.ts'
import { exported } from './answers/exported.ts'
import { facets } from './answers/facets.ts'
import { fresh } from './answers/fresh.ts'
import { health } from './answers/health.ts'
import { job } from './answers/job.ts'
import { overview } from './answers/overview.ts'
import { bundles, diff, unused } from './answers/policies.ts'
import { record } from './answers/record.ts'
import { recordsPage } from './answers/records.ts'
import { knownPolicies, type PolicySources } from './policies-known.ts'
import type { Questions } from './questions.ts'
import { openDatabase } from './store/database.ts'
import type { TakingOptions } from './store/keep-taking.ts'
import { keepTaking, removeOrphans } from './store/keep-taking.ts'
import { surviving } from './store/unreadable.ts'

export type QuestionsOptions = ChainSources &
  PolicySources & {
    /** Folder of its own for what is made of the logs; may be lost. */
    readonly cache: string
    /** Milliseconds since the epoch. */
    readonly clock: () => number
    /** Folders with Parquet of records besides the logs, as a sink writes it. They have to be in `directory`. */
    readonly parquet?: readonly string[]
    readonly taking?: Partial<Pick<TakingOptions, 'everyMs' | 'segmentRecords' | 'batchLines'>>
  }

export type OpenQuestions = {
  readonly questions: Questions
  /** Takes in what is new now; resolves when all that was there is in. */
  look(): Promise<void>
  close(): Promise<void>
}

const LOOK_EVERY_MS = 1000

/** @throws KerbsideError `io-failed` when the cache cannot be used, or another program uses it */
export async function openQuestions(options: QuestionsOptions): Promise<OpenQuestions> {
  const { directory, cache, clock, parquet = [], taking: how } = options
  const database = surviving(await openDatabase(cache, directory))
  await removeOrphans(database)
  const policies = knownPolicies(options, clock)
  const taking = keepTaking(database, { directory, parquet, everyMs: LOOK_EVERY_MS, names: policies.names, ...how })
  const { reading } = database
  const around = () => ({ now: clock(), policies, intake: taking.intake() })
  const questions: Questions = {
    overview: (asked, scope) => reading((asking) => overview(asking, asked, { scope, ...around() })),
    health: (scope) => reading((asking) => health(asking, { scope, ...around() })),
    records: (asked, scope) => reading((asking) => recordsPage(asking, asked, { scope, ...around() })),
    facets: (asked, scope) => reading((asking) => facets(asking, asked, { scope, ...around() })),
    fresh: (asked, scope) => reading((asking) => fresh(asking, asked, { scope, ...around() })),
    exported: (asked, scope) => exported(database, asked, { scope, ...around() }),
    record: (asked, scope) => reading((asking) => record(asking, asked, { ...options, scope })),
    job: (asked, scope) => reading((asking) => job(asking, asked, { scope, ...around() })),
    async dataset(asked, scope) {
      const bundle = await policies.today()
      return reading((asking) => dataset(asking, asked, { scope, ...around(), bundle }))
    },
    async denial(asked, scope) {
      const bundle = await policies.today()
      return reading((asking) => denial(asking, asked, { scope, ...around(), bundle }))
    },
    bundles: (scope) => reading((asking) => bundles(asking, { scope, policies })),
    diff: (asked, scope) => reading((asking) => diff(asking, asked, { scope, ...around() })),
    unused: (asked, scope) => reading((asking) => unused(asking, asked, { scope, ...around() })),
    chains: (asked, scope) => chains(database, asked, { ...options, scope }),
  }
  void taking.look()
  return {
    questions,
    look: taking.look,
    async close() {
      await taking.stop()
      await database.close()
    },
  }
}
