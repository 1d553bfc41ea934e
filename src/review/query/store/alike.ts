/**
 * Operations that no known policy tells apart, counted as one for each hour, so that a month of them is put to another policy without
 * being read. A decision knows of a path only how far down it leads among the names that the policy says; so each name that no policy
 * says is the same unknown one here. What a policy could read in another way than as names between slashes stands as it is.
 */

import { REQUEST_REASONS } from '../../../core/reasons.ts'
import { HOUR } from '../hour.ts'
import type { Asking, Database } from './database.ts'
import { leaveOut, problemOf } from './unreadable.ts'

/** Of the columns of a record those that are read here, with its time as `ms`. */
export const ALIKE_READS = `sidecar, sequence, epoch_ms(time) AS ms, kind, team, identity, namespace, operation, path, destination,
  parameters, dataset, effect, reason, bundle`

/** What decides, and what an answer is told by. */
export const ALIKE_KEYS = [
  ...['team', 'identity', 'namespace', 'operation', 'path', 'destination', 'parameters', 'dataset'],
  ...['effect', 'reason', 'bundle'],
] as const

/** Longer ones are few, and near the length at which a path is refused. */
const LONGEST_PLAIN_BYTES = 2000

/** Names between slashes, none of them with a meaning of its own, and nothing that a second decoding would change. */
const isPlain = (path: string): string => `(strlen(${path}) <= ${LONGEST_PLAIN_BYTES}
  AND regexp_full_match(${path}, '(/[^/%\\p{Cc}]+)+')
  AND (NOT contains(${path}, '/.') OR NOT regexp_matches(${path}, '/(\\.|\\.\\.|\\.snapshot|\\.reserved)(/|$)')))`

/** Refused before policy, by what it was: no policy decides otherwise, wherever it was. */
const IS_OUTSIDE = `(effect = 'deny' AND reason IN (${Object.keys(REQUEST_REASONS)
  .map((reason) => `'${reason}'`)
  .join(', ')}))`

const lastOf = (path: string): string => `split_part(${path}, '/', -1)`
const aboveOf = (path: string): string =>
  `CASE WHEN ${isPlain(path)} THEN left(${path}, length(${path}) - length(${lastOf(path)}) - 1) END`

const isKnown = (name: string): string => `${name} IN (SELECT name FROM policy_names)`

/**
 * The starts of a relation with the columns of {@link ALIKE_READS}, together.
 * @param by an expression of its columns besides, and the name that it has in the result
 * @returns a statement with one parameter, `$other`: {@link otherName}
 */
export const alikeIn = (
  relation: string,
  by: { readonly sql: string; readonly name: string },
): string => `WITH starts AS (
    SELECT ${by.sql} AS by_what, * EXCLUDE (path, destination, parameters),
      path AS example, CASE WHEN ${IS_OUTSIDE} THEN '/' ELSE path END AS path,
      CASE WHEN NOT ${IS_OUTSIDE} THEN destination END AS destination,
      CASE WHEN NOT ${IS_OUTSIDE} THEN parameters END AS parameters
    FROM ${relation} WHERE kind = 'start'
  ), parted AS (
    SELECT *, ${lastOf('path')} AS name, ${lastOf('destination')} AS to_name, ${aboveOf('path')} AS above,
      ${aboveOf('destination')} AS to_above
    FROM starts
  ), directories AS (
    SELECT above FROM parted WHERE above IS NOT NULL UNION SELECT to_above FROM parted WHERE to_above IS NOT NULL
  ), steps AS (
    SELECT above, unnest(string_split(above, '/')) AS step, generate_subscripts(string_split(above, '/'), 1) AS place
    FROM directories
  ), shapes AS (
    SELECT above, string_agg(CASE WHEN step = '' OR ${isKnown('step')} THEN step ELSE $other END, '/' ORDER BY place) AS shape
    FROM steps GROUP BY above
  ), shaped AS (
    SELECT parted.* REPLACE (
      coalesce(one.shape || '/' || CASE WHEN ${isKnown('parted.name')} THEN parted.name ELSE $other END, path) AS path,
      coalesce(other.shape || '/' || CASE WHEN ${isKnown('to_name')} THEN to_name ELSE $other END, destination) AS destination
    )
    FROM parted LEFT JOIN shapes one ON parted.above = one.above LEFT JOIN shapes other ON parted.to_above = other.above
  )
  SELECT by_what AS ${by.name}, ${ALIKE_KEYS.join(', ')}, count(*) AS operations, min(ms) AS first_at, max(ms) AS last_at,
    arg_min(sidecar, ms) AS sidecar, arg_min(sequence, ms) AS sequence, arg_min(example, ms) AS example
  FROM shaped GROUP BY ALL`

/** Stands for every name that no policy says; so no policy may say it. */
export async function otherName({ ask }: Pick<Asking, 'ask'>): Promise<string> {
  const [row] = await ask("SELECT max(length(name))::DOUBLE AS longest FROM policy_names WHERE trim(name, '*') = ''")
  return '*'.repeat(Number(row?.['longest'] ?? 0) + 1)
}

/** Adds the records of the temporary table `batch`. */
export async function countAlike(asking: Asking): Promise<void> {
  const other = await otherName(asking)
  await asking.ask(`INSERT INTO alike ${alikeIn('batch', { sql: `ms // ${HOUR} * ${HOUR}`, name: 'hour' })}`, { other })
}

/**
 * Sees to it that all that is in is counted by these names, anew where one of them is. Files go one by one, so that others write in
 * between, and answers say meanwhile that they are not ready.
 */
export async function countByNames(
  database: Database,
  names: ReadonlySet<string>,
  isStopped: () => boolean,
): Promise<void> {
  await database.writing(async (asking) => {
    const { ask } = asking
    const known = new Set((await ask('SELECT name FROM policy_names')).map(({ name }) => String(name)))
    const fresh = [...names].filter((name) => !known.has(name))
    if (fresh.length === 0) return
    await ask('INSERT INTO policy_names SELECT unnest($fresh)', { fresh })
    await ask('DELETE FROM alike')
    await ask('UPDATE segments SET is_counted = false')
    await ask(`CREATE OR REPLACE TEMP TABLE batch AS SELECT ${ALIKE_READS} FROM tail`)
    await countAlike(asking)
    await ask('DROP TABLE batch')
  })
  const files = await database.reading(({ ask }) => ask('SELECT file FROM segments WHERE NOT is_counted'))
  for (const { file } of files) if (!isStopped()) await countFile(database, String(file))
}

async function countFile(database: Database, file: string): Promise<void> {
  const count = async (asking: Asking) => {
    const { ask } = asking
    await ask(`CREATE OR REPLACE TEMP TABLE batch AS SELECT ${ALIKE_READS} FROM read_parquet($file)`, { file })
    await countAlike(asking)
    await ask('DROP TABLE batch')
    await ask('UPDATE segments SET is_counted = true WHERE file = $file', { file })
  }
  await database.writing(count).catch(async (thrown: unknown) => {
    const problem = await problemOf(database, file)
    if (problem === undefined) throw thrown
    await leaveOut(database, file, problem)
  })
}

/** Whether an answer by these names is one about all that is in. */
export async function isCountedBy({ ask }: Asking, names: ReadonlySet<string>): Promise<boolean> {
  const known = new Set((await ask('SELECT name FROM policy_names')).map(({ name }) => String(name)))
  const [row] = await ask('SELECT count(*)::DOUBLE AS files FROM segments WHERE NOT is_counted')
  return Number(row?.['files']) === 0 && [...names].every((name) => known.has(name))
}
