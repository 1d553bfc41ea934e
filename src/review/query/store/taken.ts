/** Which numbers of which chain are in already: a record that comes again, from the folder of another broker, is taken once. */
import type { Asking } from './database.ts'

/** Whether a record `r` is there. */
export const IS_TAKEN =
  'EXISTS (SELECT 1 FROM taken t WHERE t.sidecar = r.sidecar AND r.sequence BETWEEN t.first AND t.last)'

/** Adds the numbers of the temporary table `batch`, of which none was there. */
export async function noteTaken({ ask }: Asking): Promise<void> {
  await ask(`CREATE OR REPLACE TEMP TABLE ranges AS
    WITH islands AS (
      SELECT sidecar, sequence, sequence - row_number() OVER (PARTITION BY sidecar ORDER BY sequence) AS island FROM batch
    ), every AS (
      SELECT sidecar, min(sequence) AS first, max(sequence) AS last FROM islands GROUP BY sidecar, island
      UNION ALL SELECT t.* FROM taken t WHERE t.sidecar IN (SELECT sidecar FROM batch)
    ), marked AS (
      SELECT *, CASE WHEN first = lag(last) OVER chain + 1 THEN 0 ELSE 1 END AS opens FROM every
      WINDOW chain AS (PARTITION BY sidecar ORDER BY first)
    ), joined AS (
      SELECT *, sum(opens) OVER (PARTITION BY sidecar ORDER BY first) AS range FROM marked
    )
    SELECT sidecar, min(first) AS first, max(last) AS last FROM joined GROUP BY sidecar, range`)
  await ask('DELETE FROM taken WHERE sidecar IN (SELECT sidecar FROM batch)')
  await ask('INSERT INTO taken SELECT * FROM ranges')
  await ask('DROP TABLE ranges')
}
