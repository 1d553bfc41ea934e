/**
 * A broker's audit directory. Each broker has a folder of its own, so that several may share a volume without a lock, and none
 * ever writes what another one reads as its own:
 *
 *     BROKER/BROKER-0.ndjson             its own records
 *     BROKER/2027-01-31/UID-FIRST.ndjson records of a sidecar that came on that day, from number FIRST on
 *     BROKER/checkpoints/2027-01-31.jws  what it signed on that day, one checkpoint a line
 */
import { join } from 'node:path'
import { writeSegmentName } from '../../core/audit/segment-name.ts'

const DAY = /^\d{4}-\d\d-\d\d$/

export const isDay = (name: string): boolean => DAY.test(name)
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

export const CHECKPOINTS = 'checkpoints'
export const checkpointFile = (root: string, day: string): string => join(root, CHECKPOINTS, `${day}.jws`)

export const takenFile = (root: string, day: string, sidecar: string, first: number): string =>
  join(root, day, writeSegmentName({ sidecar, number: first }))
