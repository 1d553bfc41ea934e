/** Counts that pages begin with, made from records as they come in. `batch` is a temporary table of {@link COUNTED} columns. */
import { HOUR } from '../hour.ts'
import { ALIKE_KEYS, countAlike } from './alike.ts'
import type { Asking } from './database.ts'

/** Of the columns of a record those that counts are made of. */
export const COUNTED = `sidecar, sequence, epoch_ms(time) AS ms, kind, team, identity, namespace, pod, owner_kind, owner_name,
  operation, path, destination, parameters, dataset, effect, reason, bundle, shadow_effect, bytes_read, bytes_written, state, detail, gap_of, gap_from, gap_to`

export async function rollUp(asking: Asking): Promise<void> {
  for (const statement of STATEMENTS) await asking.ask(statement)
  await countAlike(asking)
}

/** Adds up what was added batch by batch. Says the same as before, in fewer rows. */
export async function condense({ ask }: Asking): Promise<void> {
  for (const [table, sum] of CONDENSED) {
    await ask(`CREATE OR REPLACE TEMP TABLE condensed AS ${sum}`)
    await ask(`DELETE FROM ${table}`)
    await ask(`INSERT INTO ${table} SELECT * FROM condensed`)
    await ask('DROP TABLE condensed')
  }
}

const MINUTE = 60_000

const STATEMENTS: readonly string[] = [
  `INSERT INTO per_minute
    SELECT ms // ${MINUTE} * ${MINUTE}, team,
      count(*) FILTER (kind = 'start' AND effect = 'allow'), count(*) FILTER (kind = 'start' AND effect = 'deny'),
      count(*) FILTER (kind = 'start' AND effect = 'allow' AND shadow_effect = 'deny'),
      coalesce(sum(bytes_read), 0), coalesce(sum(bytes_written), 0)
    FROM batch WHERE kind IN ('start', 'end') GROUP BY ALL`,
  `INSERT INTO per_hour
    SELECT ms // ${HOUR} * ${HOUR}, kind, team, identity, namespace, coalesce(dataset, ''), coalesce(operation, ''),
      coalesce(effect, ''), coalesce(reason, ''), count(*), coalesce(sum(bytes_read), 0), coalesce(sum(bytes_written), 0),
      min(ms), max(ms), arg_max(sidecar, ms), arg_max(sequence, ms)
    FROM batch GROUP BY ALL`,
  `INSERT INTO pairs
    SELECT team, dataset, min(ms), arg_min(sidecar, ms), arg_min(sequence, ms), arg_min(effect, ms)
    FROM batch WHERE kind = 'start' AND dataset IS NOT NULL GROUP BY ALL`,
  `INSERT INTO jobs
    SELECT owner_kind, owner_name, namespace, team, count(*) FILTER (kind <> 'end'), min(ms), max(ms)
    FROM batch WHERE owner_name IS NOT NULL GROUP BY ALL`,
  `INSERT INTO bundles
    SELECT bundle, team, sidecar, min(ms), max(ms), count(*) FILTER (kind = 'start'),
      count(*) FILTER (kind = 'start' AND effect = 'deny')
    FROM batch WHERE bundle IS NOT NULL GROUP BY ALL`,
  'INSERT INTO chains SELECT sidecar, team, max(ms) FROM batch GROUP BY ALL',
  `INSERT INTO chain_hours SELECT sidecar, ms // ${HOUR} * ${HOUR}, min(sequence), max(sequence) FROM batch GROUP BY ALL`,
  `INSERT INTO marks
    SELECT kind, ms, sidecar, sequence, team, identity, namespace, pod, state, detail, gap_of, gap_from, gap_to
    FROM batch WHERE kind IN ('credential', 'gap')`,
]

const CONDENSED: readonly (readonly [table: string, sum: string])[] = [
  [
    'per_minute',
    `SELECT minute, team, sum(allowed), sum(denied), sum(shadow_denied), sum(bytes_read), sum(bytes_written)
    FROM per_minute GROUP BY ALL`,
  ],
  [
    'per_hour',
    `SELECT hour, kind, team, identity, namespace, dataset, operation, effect, reason, sum(records), sum(bytes_read),
      sum(bytes_written), min(first_at), max(last_at), arg_max(last_sidecar, last_at), arg_max(last_sequence, last_at)
    FROM per_hour GROUP BY ALL`,
  ],
  [
    'pairs',
    `SELECT team, dataset, min(seen_at), arg_min(sidecar, seen_at), arg_min(sequence, seen_at), arg_min(effect, seen_at)
    FROM pairs GROUP BY ALL`,
  ],
  [
    'jobs',
    `SELECT owner_kind, owner_name, namespace, team, sum(records), min(first_at), max(last_at) FROM jobs GROUP BY ALL`,
  ],
  [
    'bundles',
    `SELECT hash, team, sidecar, min(first_at), max(last_at), sum(operations), sum(denied) FROM bundles GROUP BY ALL`,
  ],
  [
    'alike',
    `SELECT hour, ${ALIKE_KEYS.join(', ')}, sum(operations), min(first_at), max(last_at), arg_min(sidecar, first_at),
      arg_min(sequence, first_at), arg_min(example, first_at) FROM alike GROUP BY ALL`,
  ],
  ['chains', 'SELECT sidecar, team, max(last_at) FROM chains GROUP BY ALL'],
  ['chain_hours', 'SELECT sidecar, hour, min(first), max(last) FROM chain_hours GROUP BY ALL'],
]
