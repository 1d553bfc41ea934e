/**
 * Everything that a page may ask. Answers are typed, complete and in no way made for HTML; what strangers wrote in them is as
 * they wrote it. Each question has a scope, and the answer speaks of nothing outside it.
 *
 * What is not there is `undefined`. Errors: `bad-request` for a limit or place out of bounds, `io-failed`, and `not-ready` when
 * the answer took longer than a reader would wait.
 */
import type { ChainsAnswer, ChainsAsked } from './chains.ts'
import type { DatasetAnswer, DatasetAsked } from './dataset.ts'
import type { Denial, DenialAsked } from './denial.ts'
import type { LogHealth } from './health.ts'
import type { Job, JobAsked } from './job.ts'
import type { Overview, OverviewAsked } from './overview.ts'
import type { BundlesOverTime, DiffAnswer, DiffAsked, UnusedAnswer, UnusedAsked } from './policies.ts'
import type { OneRecord, RecordAsked } from './record.ts'
import type {
  ExportAsked,
  Exported,
  Facets,
  FacetsAsked,
  Fresh,
  FreshAsked,
  RecordsAsked,
  RecordsPage,
} from './records.ts'
import type { Scope } from './scope.ts'

type Question<Asked, Answer> = (asked: Asked, scope: Scope) => Promise<Answer>

export type Questions = {
  readonly overview: Question<OverviewAsked, Overview>
  readonly health: (scope: Scope) => Promise<LogHealth>
  readonly records: Question<RecordsAsked, RecordsPage>
  readonly facets: Question<FacetsAsked, Facets>
  readonly fresh: Question<FreshAsked, Fresh>
  readonly exported: Question<ExportAsked, Exported>
  readonly record: Question<RecordAsked, OneRecord | undefined>
  readonly job: Question<JobAsked, Job | undefined>
  readonly dataset: Question<DatasetAsked, DatasetAnswer>
  readonly denial: Question<DenialAsked, Denial | undefined>
  readonly bundles: (scope: Scope) => Promise<BundlesOverTime>
  readonly diff: Question<DiffAsked, DiffAnswer>
  readonly unused: Question<UnusedAsked, UnusedAnswer>
  readonly chains: Question<ChainsAsked, ChainsAnswer>
}
