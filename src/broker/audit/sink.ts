/** Where records go that a broker took in. Each sink is asked by itself, and one that is slow holds up no other. */

export type TakenLines = {
  readonly sidecar: string
  /** Number of the first; the others follow without a gap. */
  readonly first: number
  readonly count: number
  /** Their lines, each with its line end. */
  readonly bytes: Uint8Array
}

export type AuditSink = {
  /**
   * Resolves when the records are there for good. The same records may come again: whoever counts, counts by chain and number.
   * @throws KerbsideError `audit-unwritable`
   */
  append(taken: TakenLines): Promise<void>
  close(): Promise<void>
}
