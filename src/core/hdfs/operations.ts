/** The one table of WebHDFS: all 65 operations of Hadoop 3.4, how the gateway answers each, and what each demands. */
import type { Operation } from './operation.ts'
import { ACCESS } from './operations/access.ts'
import { ATTRIBUTES } from './operations/attributes.ts'
import { CLUSTER } from './operations/cluster.ts'
import { LOOKING } from './operations/looking.ts'
import { NAMES } from './operations/names.ts'
import { READING } from './operations/reading.ts'
import { SNAPSHOTS } from './operations/snapshots.ts'
import { STORAGE } from './operations/storage.ts'
import { TOKENS } from './operations/tokens.ts'
import { WRITING } from './operations/writing.ts'

/** Grouped by what they are about. */
export const OPERATION_GROUPS = new Map<string, readonly Operation[]>([
  ['looking', LOOKING],
  ['reading', READING],
  ['writing', WRITING],
  ['names', NAMES],
  ['attributes', ATTRIBUTES],
  ['access', ACCESS],
  ['snapshots', SNAPSHOTS],
  ['storage', STORAGE],
  ['cluster', CLUSTER],
  ['tokens', TOKENS],
])

/** Those that are refused included. */
export const OPERATIONS: readonly Operation[] = [...OPERATION_GROUPS.values()].flat()
export const OPERATION_NAMES: readonly string[] = OPERATIONS.map(({ name }) => name)

const byName = new Map(OPERATIONS.map((operation) => [operation.name, operation]))

/** The row of an operation, by its name in capitals. */
export function findOperation(name: string): Operation | undefined {
  return byName.get(name)
}
