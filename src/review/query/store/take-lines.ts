/** Lines of logs into the store: as rows of the tail and as counts, in one transaction with the places that they came from. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { columnExpressions, forDuckDb, lineColumns } from '../../../core/audit/columns-sql.ts'
import { fromLine } from '../../../core/audit/line.ts'
import type { Asking, Database } from './database.ts'
import { COUNTED, rollUp } from './roll-up.ts'
import { columnNames } from './tables.ts'
import { IS_TAKEN, noteTaken } from './taken.ts'

/** Lines of one log, one after the other. */
export type Portion = {
  readonly path: string
  /** As it is shown: relative to the audit directory. */
  readonly name: string
  readonly lines: readonly string[]
  readonly damaged: readonly { readonly line: number; readonly problem: string }[]
  /** How much of the log is in then. */
  readonly to: { readonly bytes: number; readonly lines: number }
}

const LARGEST_LINE_BYTES = 2 << 20

/** @throws whatever the file system or the database says; then nothing of them is in */
export async function takeLines(database: Database, portions: readonly Portion[]): Promise<void> {
  const file = join(database.cache, 'coming.ndjson')
  try {
    await writeFile(file, portions.map(({ lines }) => lines.map((line) => `${forDuckDb(line)}\n`).join('')).join(''))
    await database.writing(async (asking) => {
      const { ask } = asking
      await ask(
        `CREATE OR REPLACE TEMP TABLE read AS SELECT ${columnExpressions()} FROM read_json($file,
          format = 'newline_delimited', ignore_errors = true, maximum_object_size = ${LARGEST_LINE_BYTES},
          columns = ${lineColumns()})`,
        { file },
      )
      await ask(`CREATE OR REPLACE TEMP TABLE coming AS SELECT DISTINCT ON (sidecar, sequence) * FROM read r
        WHERE ${IS_RECORD} AND NOT ${IS_TAKEN}`)
      const unread = await ask(`SELECT count(*)::DOUBLE AS lines FROM read WHERE NOT (${IS_RECORD})`)
      await ask('DROP TABLE read')
      await ask(`CREATE OR REPLACE TEMP TABLE batch AS SELECT ${COUNTED} FROM coming`)
      await ask(
        `INSERT INTO tail SELECT ${columnNames}, (SELECT coalesce(max(batch), 0) + 1 FROM arrivals) FROM coming`,
      )
      await ask('INSERT INTO arrivals SELECT coalesce(max(batch), 0) + 1 FROM arrivals')
      await ask('DROP TABLE coming')
      await rollUp(asking)
      await noteTaken(asking)
      await ask('DROP TABLE batch')
      await noteSources(asking, portions, Number(unread[0]?.['lines']) > 0)
    })
  } finally {
    await rm(file, { force: true })
  }
}

/** What every record has. A line without it was changed after it was written. */
const IS_RECORD = `sidecar IS NOT NULL AND sequence IS NOT NULL AND time IS NOT NULL AND kind IS NOT NULL AND team IS NOT NULL
  AND identity IS NOT NULL AND namespace IS NOT NULL`

async function noteSources({ ask }: Asking, portions: readonly Portion[], hasUnread: boolean): Promise<void> {
  for (const { path, name, lines, damaged, to } of portions) {
    await ask('DELETE FROM sources WHERE path = $path', { path })
    await ask('INSERT INTO sources VALUES ($path, $bytes, $lines)', { path, bytes: to.bytes, lines: to.lines })
    const first = to.lines - lines.length - damaged.length + 1
    const unread = hasUnread ? lines.flatMap((line, index) => problemOf(line, first + index)) : []
    for (const { line, problem } of [...damaged, ...unread])
      await ask('INSERT INTO damages VALUES ($name, $line, $problem)', { name, line, problem })
  }
}

/** Where lines before it were left out, its number is that much too low. */
function problemOf(text: string, line: number): readonly { readonly line: number; readonly problem: string }[] {
  const read = fromLine(text)
  return 'problem' in read ? [{ line, problem: read.problem }] : []
}
