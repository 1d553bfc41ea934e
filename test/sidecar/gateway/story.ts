/** Two teams, their datasets, and the slice of one of them, as every test of the gateway tells it. */

import type { AuditLog, CurrentSlice } from '../../../sidecar/ports.ts'
import type { AuditRecord, Entry, Who } from '../../../src/core/audit/record.ts'
import { KerbsideError } from '../../../src/core/errors.ts'
import { PRESETS } from '../../../src/core/policy/action.ts'
import { type KeptSlice, keepSlice } from '../../../src/core/policy/kept-slice.ts'
import type { Slice, SliceGrant, SlicePlace } from '../../../src/core/policy/slice.ts'

const grant = (name: string, actions: SliceGrant['actions'], more: Partial<SliceGrant> = {}): SliceGrant => ({
  name,
  at: `quant/grants.yaml:${name.length}`,
  mode: 'enforce',
  effect: 'allow',
  actions,
  ...more,
})

/** quant reads market, and snapshots of it; writes its home; has a drop box it may only create files in. */
const GRANTS = [
  grant('quant-market', [...PRESETS.read, 'snap-read']),
  grant('quant-home', PRESETS.write),
  grant('quant-drop', ['stat', 'list', 'create']),
]
const place = (path: string, dataset: string, grants: readonly number[]): SlicePlace => ({
  path,
  dataset,
  protect: true,
  grants,
})

export const SLICE: Slice = {
  format: 2,
  mode: 'enforce',
  bundle: `sha256:${'0'.repeat(64)}`,
  identity: 'quant-research',
  team: 'quant',
  principal: 'quant@LAB',
  secret: 'hdfs/quant-research',
  home: '/team/quant',
  cluster: {
    name: 'lab',
    nameservice: 'lab',
    nameNodes: ['https://nn1.lab:9871', 'https://nn2.lab:9871'],
    dataNodeHosts: ['*.lab'],
    realm: 'LAB',
    kdcs: ['kdc.lab:88'],
    secret: 'hdfs/lab',
  },
  grants: GRANTS,
  places: [
    place('/data/market', 'market', [0]),
    place('/team/quant', 'quant-home', [1]),
    place('/team/quant/drop', 'quant-drop', [2]),
  ],
}

/** The same with everything taken away. */
export const REVOKED: Slice = { ...SLICE, grants: [], places: [] }

export const WHO: Who = {
  team: 'quant',
  identity: 'quant-research',
  principal: 'quant@LAB',
  namespace: 'ml-quant',
  pod: 'train-0',
  serviceAccount: 'trainer',
  node: 'node1',
}

/** A slice that a test can change, or take away. */
export class ChangingSlice implements CurrentSlice {
  #sent: Slice | undefined
  #slice: KeptSlice | undefined
  readonly #listeners = new Set<(slice: KeptSlice) => void>()

  constructor(slice: Slice | undefined) {
    this.set(slice)
  }

  get(): KeptSlice {
    if (this.#slice === undefined) throw new KerbsideError('not-ready', 'no slice yet')
    return this.#slice
  }

  /** As it was sent, with its places. */
  get sent(): Slice {
    if (this.#sent === undefined) throw new Error('no slice was sent')
    return this.#sent
  }

  onChange(listener: (slice: KeptSlice) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  set(slice: Slice | undefined): void {
    this.#sent = slice
    this.#slice = slice === undefined ? undefined : keepSlice(slice)
    if (this.#slice !== undefined) for (const listener of this.#listeners) listener(this.#slice)
  }
}

/** Records in memory, and refuses to write when a test says so. */
export class AuditInMemory implements AuditLog {
  readonly entries: Entry[] = []
  refuses: Entry['kind'] | undefined

  write(entry: Entry): Promise<AuditRecord> {
    if (entry.kind === this.refuses) return Promise.reject(new KerbsideError('audit-unwritable', 'disk full'))
    this.entries.push(entry)
    return Promise.resolve({ ...entry, sequence: this.entries.length } as AuditRecord)
  }

  /** `start OPEN /data/market/x allow granted`, `end 200 read 7`. */
  get lines(): string[] {
    return this.entries.map((entry) => {
      if (entry.kind === 'start') {
        const { what, why } = entry
        const to = what.destination === undefined ? '' : ` to ${what.destination}`
        return `start ${what.operation} ${what.path}${to} ${why.effect} ${why.reason}`
      }
      if (entry.kind !== 'end') return entry.kind
      const { status, bytesRead, bytesWritten, cut, resumed, upload } = entry.end
      return [
        'end',
        status,
        ...(bytesRead ? [`read ${bytesRead}`] : []),
        ...(bytesWritten ? [`wrote ${bytesWritten}`] : []),
        ...(resumed ? [`resumed ${resumed}`] : []),
        ...(cut ? ['cut'] : []),
        ...(upload ? [upload] : []),
      ].join(' ')
    })
  }
}
