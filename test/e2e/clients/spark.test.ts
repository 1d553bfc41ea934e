/** Spark as its users start it, with the committer that it comes with: the newest, and the last 3.5. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pypiFolder } from '../../lab/build/pypi.ts'
import { CLIENTS } from './clients-table.ts'
import { type Container, container } from './container.ts'
import { expectRow } from './told.ts'

const STREAMING = 'org.apache.spark.sql.execution.streaming'
const SPARKS = [
  // Hadoop 3.5's client lacks a class that it wants when an answer names its content type: against a NameNode it fails.
  ['spark-4', CLIENTS.spark4, `${STREAMING}.checkpointing.FileSystemBasedCheckpointFileManager`],
  ['spark-3', CLIENTS.spark3, `${STREAMING}.FileSystemBasedCheckpointFileManager`],
] as const

let inside: Container
beforeAll(async () => {
  inside = await container('spark')
})
afterAll(() => inside.stop())

test.each(SPARKS)(
  '%s writes and reads tables, and streams',
  { timeout: 600_000 },
  async (packages, row, fileManager) => {
    inside.standing.audit.entries.length = 0
    const folder = pypiFolder(inside.standing.lab.folder, packages)
    const output = await inside.python('spark.py', folder, { words: [packages, fileManager] })
    expectRow(output, row)
    // Spark's own choice goes around the file system that the configuration names, to a NameNode that is none.
    expect(output).toMatch(/^streaming .*/m)
    expect(inside.standing.audit.lines.some((line) => /RENAME .*\/_temporary\/.* to .* allow granted/.test(line))).toBe(
      true,
    )
  },
)
