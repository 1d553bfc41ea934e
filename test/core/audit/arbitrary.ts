/** Audit entries as a hostile client would shape them, for property tests. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { Sha256 } from '../../../src/core/audit/chain.ts'
import { chain, NO_HASH } from '../../../src/core/audit/chain.ts'
import type { AuditRecord, Entry, What, Who } from '../../../src/core/audit/record.ts'
import type { Reason } from '../../../src/core/reasons.ts'
import { REASONS } from '../../../src/core/reasons.ts'

export const sha256: Sha256 = (text) => createHash('sha256').update(text).digest('hex')

/** Line ends of every kind, ANSI and C1 controls, HTML, right-to-left overrides, lone surrogates, names of Object.prototype. */
export const HOSTILE = [
  '\n',
  '\r\n',
  '\u2028',
  '\u0085',
  '\u001b[2J\u001b[31m',
  '\u009b2J',
  '\u0000',
  '\u0007',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "';--",
  '\u202egnp.exe',
  '\ud800',
  '\udfff\ud800',
  '{"kind":"start"}',
  '","hash":"',
  '\\',
  '\\u001b',
  '__proto__',
  'constructor',
  '\ufeff',
  '\u{e0041}',
  '👩‍🔬',
] as const

export const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 4 })
  .map((parts) => parts.join(''))

export const WHO: Who = {
  team: 'quant',
  identity: 'quant-research',
  principal: 'quant@LAB',
  namespace: 'ml-quant',
  pod: 'train-0',
  serviceAccount: 'trainer',
  node: 'node-1',
}

const who: fc.Arbitrary<Who> = fc.record(
  {
    team: hostileText,
    identity: hostileText,
    principal: hostileText,
    namespace: hostileText,
    pod: hostileText,
    serviceAccount: hostileText,
    node: hostileText,
    owner: fc.record({ kind: hostileText, name: hostileText }),
  },
  { requiredKeys: ['team', 'identity', 'principal', 'namespace', 'pod', 'serviceAccount', 'node'] },
)

const what: fc.Arbitrary<What> = fc.record(
  {
    operationId: hostileText,
    operation: hostileText,
    path: hostileText,
    destination: hostileText,
    parameters: fc.record(
      { overwrite: hostileText, recursive: hostileText, fsaction: hostileText },
      { requiredKeys: [] },
    ),
    dataset: hostileText,
    client: hostileText,
  },
  { requiredKeys: ['operationId', 'operation', 'path'] },
)

const said = {
  effect: fc.constantFrom('allow' as const, 'deny' as const),
  reason: fc.constantFrom(...(Object.keys(REASONS) as Reason[])),
  grants: fc.array(hostileText, { maxLength: 3 }),
}
const why = fc.record(
  { ...said, bundle: hostileText, shadow: fc.record(said) },
  { requiredKeys: ['effect', 'reason', 'grants', 'bundle'] },
)

const end = fc.record(
  {
    status: fc.nat(599),
    bytesRead: fc.maxSafeNat(),
    bytesWritten: fc.maxSafeNat(),
    durationMs: fc.double({ min: 0, max: 1e9, noNaN: true }).map((ms) => ms + 0),
    cut: fc.boolean(),
    upload: fc.constantFrom('complete' as const, 'removed' as const, 'left' as const),
    reason: said.reason,
  },
  { requiredKeys: ['status', 'bytesRead', 'bytesWritten', 'durationMs', 'cut'] },
)

const admission = fc.record({
  operation: fc.constantFrom('CREATE' as const, 'UPDATE' as const),
  stage: fc.constantFrom('mutate' as const, 'validate' as const),
  effect: fc.constantFrom('admit' as const, 'deny' as const),
  reasons: fc.array(said.reason, { maxLength: 3 }),
  review: hostileText,
})
const release = fc.record(
  { path: hostileText, key: hostileText, version: hostileText, outcome: fc.constantFrom('given', 'secret-not-found') },
  { requiredKeys: ['path', 'key', 'outcome'] },
)
const refusal = fc.record({
  asked: fc.constantFrom('slices' as const, 'secrets' as const, 'events' as const, 'audit' as const),
  reason: said.reason,
  detail: hostileText,
})
const view = fc.record({
  reader: hostileText,
  role: fc.constantFrom('reviewer' as const, 'team-lead' as const, 'auditor' as const, 'none' as const),
  url: hostileText,
  effect: said.effect,
})
const gap = fc.record({ of: fc.uuid(), from: fc.nat(), to: fc.nat(), detail: hostileText })

export const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ kind: fc.constant('start' as const), who, what, why }),
  fc.record({ kind: fc.constant('end' as const), who, what, end }),
  fc.record({ kind: fc.constant('credential' as const), who, state: hostileText, detail: hostileText }),
  fc.record({ kind: fc.constant('policy' as const), who, bundle: hostileText, detail: hostileText }),
  fc.record({ kind: fc.constant('admission' as const), who, admission, bundle: hostileText }),
  fc.record({ kind: fc.constant('release' as const), who, release, bundle: hostileText }),
  fc.record({ kind: fc.constant('refusal' as const), who, refusal }),
  fc.record({ kind: fc.constant('gap' as const), who, gap }),
  fc.record({ kind: fc.constant('view' as const), who, view }),
  fc.record({ kind: fc.constantFrom('open' as const, 'close' as const), who, detail: hostileText }),
)

export const time: fc.Arbitrary<string> = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString())

/** The entries as a whole chain of one sidecar. */
export function chained(entries: readonly Entry[], sidecar = 'pod-a'): AuditRecord[] {
  const records: AuditRecord[] = []
  for (const [sequence, one] of entries.entries()) {
    const previous = records.at(-1)?.hash ?? NO_HASH
    records.push(chain(one, { previous, sidecar, sequence, time: '2026-03-02T09:00:00.000Z' }, sha256).record)
  }
  return records
}

export const records = (sidecar = 'pod-a', minLength = 1): fc.Arbitrary<AuditRecord[]> =>
  fc.array(entry, { minLength, maxLength: 8 }).map((entries) => chained(entries, sidecar))
