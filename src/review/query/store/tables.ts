/**
 * What the store keeps besides Parquet, all of it made from the logs and so never worth a backup. Rows are added batch by batch,
 * each in one transaction with the places in the logs that they came from: whatever ends this program, nothing is counted twice.
 */
import { COLUMNS } from '../../../core/audit/columns.ts'

/** Another one is thrown away and made anew. */
export const STORE_VERSION = '3'

export const columnNames = COLUMNS.map(({ name }) => `"${name}"`).join(', ')
const columnTypes = COLUMNS.map(({ name, type }) => `"${name}" ${type}`).join(', ')

export const TABLES: readonly string[] = [
  'CREATE TABLE about (version VARCHAR)',
  /** Records that are in no Parquet yet. `batch` counts arrivals. */
  `CREATE TABLE tail (${columnTypes}, batch BIGINT)`,
  /** Numbers of batches, as they arrived. */
  'CREATE TABLE arrivals (batch BIGINT)',
  /** Files of Parquet, and from when to when the records in them are; and whether those are in `alike` by all names there are. */
  'CREATE TABLE segments (file VARCHAR, records BIGINT, bytes BIGINT, first_at BIGINT, last_at BIGINT, is_counted BOOLEAN)',
  /** How much of each log is in. */
  'CREATE TABLE sources (path VARCHAR, bytes BIGINT, lines BIGINT)',
  'CREATE TABLE damages (file VARCHAR, line BIGINT, problem VARCHAR)',
  /** Numbers of each chain that are in, both ends included: what comes again is known by them. */
  'CREATE TABLE taken (sidecar VARCHAR, first BIGINT, last BIGINT)',
  'CREATE TABLE per_minute (minute BIGINT, team VARCHAR, allowed BIGINT, denied BIGINT, shadow_denied BIGINT, bytes_read BIGINT, bytes_written BIGINT)',
  `CREATE TABLE per_hour (hour BIGINT, kind VARCHAR, team VARCHAR, identity VARCHAR, namespace VARCHAR, dataset VARCHAR,
    operation VARCHAR, effect VARCHAR, reason VARCHAR, records BIGINT, bytes_read BIGINT, bytes_written BIGINT,
    first_at BIGINT, last_at BIGINT, last_sidecar VARCHAR, last_sequence BIGINT)`,
  /** First operation of a team on a dataset. */
  'CREATE TABLE pairs (team VARCHAR, dataset VARCHAR, seen_at BIGINT, sidecar VARCHAR, sequence BIGINT, effect VARCHAR)',
  `CREATE TABLE jobs (owner_kind VARCHAR, owner_name VARCHAR, namespace VARCHAR, team VARCHAR, records BIGINT,
    first_at BIGINT, last_at BIGINT)`,
  /** Operations that no known policy tells apart. */
  `CREATE TABLE alike (hour BIGINT, team VARCHAR, identity VARCHAR, namespace VARCHAR, operation VARCHAR, path VARCHAR,
    destination VARCHAR, parameters MAP(VARCHAR, VARCHAR), dataset VARCHAR, effect VARCHAR, reason VARCHAR, bundle VARCHAR,
    operations BIGINT, first_at BIGINT, last_at BIGINT, sidecar VARCHAR, sequence BIGINT, example VARCHAR)`,
  /** Names between the slashes of paths, which some known policy says. */
  'CREATE TABLE policy_names (name VARCHAR)',
  'CREATE TABLE bundles (hash VARCHAR, team VARCHAR, sidecar VARCHAR, first_at BIGINT, last_at BIGINT, operations BIGINT, denied BIGINT)',
  /** Of chains, to say whose they are. */
  'CREATE TABLE chains (sidecar VARCHAR, team VARCHAR, last_at BIGINT)',
  /** Numbers that a chain came to within an hour: where in time a record is, of which only the number is known. */
  'CREATE TABLE chain_hours (sidecar VARCHAR, hour BIGINT, first BIGINT, last BIGINT)',
  /** Credentials and gaps: few, and looked for by their newest. */
  `CREATE TABLE marks (kind VARCHAR, marked_at BIGINT, sidecar VARCHAR, sequence BIGINT, team VARCHAR, identity VARCHAR,
    namespace VARCHAR, pod VARCHAR, state VARCHAR, detail VARCHAR, gap_of VARCHAR, gap_from BIGINT, gap_to BIGINT)`,
  `INSERT INTO about VALUES ('${STORE_VERSION}')`,
]
