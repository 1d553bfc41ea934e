/**
 * Names of Parquet files. One says whose it is and which batches are in it, so that after a crash the names alone tell what is whole,
 * what was begun, and what a merged file made superfluous:
 *
 *     day=2027-01-31/NAME-000000012-000000040.parquet
 */
export type Part = {
  /** Of the exporter that wrote it: several may write into one folder. */
  readonly name: string
  /** First and last batch. */
  readonly from: number
  readonly to: number
}

export const PART_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

const DIGITS = 9
const numbered = (batch: number): string => String(batch).padStart(DIGITS, '0')

export const writePartName = ({ name, from, to }: Part): string => `${name}-${numbered(from)}-${numbered(to)}.parquet`

export function readPartName(text: string): Part | undefined {
  const [, name = '', from = '', to = ''] = /^(.+)-(\d{9,15})-(\d{9,15})\.parquet$/.exec(text) ?? []
  const part = { name, from: Number(from), to: Number(to) }
  return PART_NAME.test(name) && part.from <= part.to && writePartName(part) === text ? part : undefined
}

export const dayFolder = (day: string): string => `day=${day}`
export const readDayFolder = (text: string): string | undefined => /^day=(\d{4}-\d\d-\d\d)$/.exec(text)?.[1]

/** Those that a wider one of the same exporter has in it. Whoever reads all the others reads every record once. */
export function superfluous(parts: readonly Part[]): readonly Part[] {
  return parts.filter((part) =>
    parts.some(
      (wider) =>
        wider.name === part.name &&
        wider.from <= part.from &&
        part.to <= wider.to &&
        wider.to - wider.from > part.to - part.from,
    ),
  )
}

export type Sized = Part & { readonly bytes: number }
export type MergeRule = {
  /** A file of so many bytes is left as it is. */
  readonly enoughBytes: number
  /** So many small ones in a row are merged. */
  readonly atLeast: number
}

/** Small files that stand in a row, with no large one between them, so that what they become is one range. */
export function toMerge(parts: readonly Sized[], { enoughBytes, atLeast }: MergeRule): readonly Sized[] {
  let row: Sized[] = []
  for (const part of parts.toSorted((one, other) => one.from - other.from)) {
    if (part.bytes < enoughBytes) {
      row.push(part)
      continue
    }
    if (row.length >= atLeast) return row
    row = []
  }
  return row.length >= atLeast ? row : []
}
