/** Everything that one job touched. */
import type { Item, Place } from './item.ts'

export type JobAsked = {
  /** `Job`, `Notebook`; with the name and the namespace, as the pods' owner references say. */
  readonly kind: string
  readonly name: string
  readonly namespace: string
  readonly after?: Place
  /** Items of the timeline on one page, from 1 to 500. */
  readonly limit: number
}

export type Job = {
  /** Milliseconds since the epoch, of the first and the last record. */
  readonly first: number
  readonly last: number
  readonly teams: readonly string[]
  readonly identities: readonly string[]
  readonly pods: readonly string[]
  readonly operations: number
  readonly denied: number
  readonly bytesRead: number
  readonly bytesWritten: number
  readonly datasets: readonly TouchedDataset[]
  /** Newest first. */
  readonly timeline: readonly Item[]
  readonly older?: Place
}

export type TouchedDataset = {
  /** Empty for paths in none. */
  readonly dataset: string
  /** Names and how often, most first. */
  readonly operations: readonly { readonly operation: string; readonly count: number }[]
  readonly denied: number
  readonly bytesRead: number
  readonly bytesWritten: number
  readonly first: number
  readonly last: number
}
