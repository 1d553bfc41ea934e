/** Nothing but a word to HDFS: delegation tokens that hold for seconds, for whoever wants to see them renewed and replaced. */
import type { Part } from '../part.ts'

/** How long one holds until it is renewed, and altogether, as `hdfs-site.xml` says it. */
type Lives = Readonly<Record<'renewIntervalMs' | 'maxLifetimeMs', string>>

export const SHORT_LIVES_MS: Lives = { renewIntervalMs: '30000', maxLifetimeMs: '80000' }
/** Hadoop's own defaults: a day, and a week. */
export const USUAL_LIVES_MS: Lives = { renewIntervalMs: '86400000', maxLifetimeMs: '604800000' }

/** Asked for together with `hdfs`, whose NameNodes read it when they start. */
export const shortTokens: Part = {
  name: 'short-tokens',
  needs: ['hdfs'],
  isOptional: true,
  async fetch() {},
  async start() {},
}
