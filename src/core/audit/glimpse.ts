/** What a line begins with, without reading the line: enough to order it, to join start and end, and mostly to pass it over. */
import type { Filter } from './filter.ts'
import { escapeUnits } from './printable.ts'

export type Glimpse = {
  readonly sidecar: string
  readonly sequence: number
  readonly time: string
  readonly kind: string
  /** As it stands in the line, escapes and all; of starts and ends. */
  readonly operationId?: string
}

const HEAD = /^\{"format":[12],"sidecar":"([\w.-]+)","sequence":(\d+),"time":"([\d:.TZ-]+)","kind":"(\w+)"/
/** A quote inside a text of JSON has a backslash before it, so this stands in no text. */
const OPERATION = ',"what":{"operationId":"'

/** Nothing when the line is surely no record. A glimpse is no proof: the line may still not be one. */
export function glimpse(line: string): Glimpse | undefined {
  const head = headOf(line)
  if (head === undefined || (head.kind !== 'start' && head.kind !== 'end')) return head
  const from = line.indexOf(OPERATION)
  const to = line.indexOf('","operation":"', from)
  return from < 0 || to < 0 ? head : { ...head, operationId: line.slice(from + OPERATION.length, to) }
}

/** The same without the operation. */
export function headOf(line: string): Omit<Glimpse, 'operationId'> | undefined {
  const [, sidecar = '', digits = '', time = '', kind = ''] = HEAD.exec(line) ?? []
  return sidecar === '' ? undefined : { sidecar, sequence: Number(digits), time, kind }
}

/**
 * Texts that the line of every matching start and note holds. Where one is missing, the line need not be read.
 */
export function needles(filter: Filter): readonly string[] {
  const field = (name: string, value: string | undefined) =>
    value === undefined ? [] : [`"${name}":"${inJson(value)}"`]
  return [
    ...field('team', filter.team),
    ...field('identity', filter.identity),
    ...field('effect', filter.effect),
    ...(filter.pathText === undefined ? [] : [inJson(filter.pathText)]),
  ]
}

/** As a text stands in a line, without its quotes. */
const inJson = (text: string): string => escapeUnits(JSON.stringify(text)).slice(1, -1)
