/** What stands in a folder of Parquet files, asked as anybody would ask: by DuckDB, over all that is there. */
import { existsSync, globSync } from 'node:fs'
import { DuckDBInstance } from '@duckdb/node-api'

export type Stored = { readonly sidecar: string; readonly sequence: number }

/** Rows of all files, each as `SIDECAR/SEQUENCE`, in order; a row that is there twice is twice in the list. */
export async function storedIn(directory: string): Promise<readonly string[]> {
  if (!existsSync(directory) || globSync(`${directory}/day=*/*.parquet`).length === 0) return []
  const rows = await ask(directory, "SELECT sidecar || '/' || sequence AS name FROM records ORDER BY sidecar, sequence")
  return rows.map(({ name }) => String(name))
}

/** @param sql over `records` */
export async function ask(directory: string, sql: string) {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    const all = `read_parquet('${directory}/day=*/*.parquet', hive_partitioning = true)`
    return (await connection.runAndReadAll(`WITH records AS (SELECT * FROM ${all}) ${sql}`)).getRowObjectsJS()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
