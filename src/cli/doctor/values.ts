/** What each check of doctor learns, for those that come after it. */
import type { Connection } from './connection.ts'
import type { Place } from './place.ts'
import type { AnsweredKdc } from './probe-kdcs.ts'
import type { FoundNameNodes } from './probe-name-nodes.ts'
import type { FetchedSecrets } from './probe-store.ts'
import type { DoctorTicket } from './probe-ticket.ts'

export type Values = {
  readonly settings: Place
  readonly token: true
  readonly policy: Connection
  readonly store: FetchedSecrets
  readonly keytab: Uint8Array
  /** CAs of the cluster, PEM. */
  readonly authority: string
  readonly hadoop: true
  readonly names: true
  /** At least one of each realm on the way, the fastest first. */
  readonly kdc: readonly AnsweredKdc[]
  readonly clock: true
  readonly ticket: DoctorTicket
  /** NameNodes with a certificate as it should be: `https://nn1.lab:9871`. */
  readonly tls: readonly string[]
  readonly namenode: FoundNameNodes
  readonly datanode: true
}
