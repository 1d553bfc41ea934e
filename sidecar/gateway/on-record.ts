/** A record before, a record after: what cannot be recorded does not happen. */
import type { What, Why } from '../../src/core/audit/record.ts'
import { toKerbsideError } from '../../src/core/errors.ts'
import { tellError } from '../../src/core/hdfs/remote-exception.ts'
import type { Client } from './client.ts'
import type { Gate } from './gate.ts'
import { type Outcome, toldOnly } from './outcome.ts'

/**
 * @param act runs when the start record is on disk; what it throws is told to the client and stands in the end record
 * @throws KerbsideError `audit-unwritable`: nothing happened
 */
export async function onRecord(
  gate: Gate,
  client: Client,
  { what, why }: { readonly what: What; readonly why: Why },
  act: () => Promise<Outcome>,
): Promise<void> {
  const who = gate.who()
  const began = performance.now()
  await gate.audit.write({ kind: 'start', who, what, why })
  gate.tally.count(what.operation, why.effect, why.reason)
  const outcome = await act().catch((thrown) => toldInstead(gate, client, what, thrown))
  if (outcome.reason !== undefined) gate.tally.count(what.operation, 'deny', outcome.reason)
  gate.tally.add(outcome)
  const { status, bytesRead, bytesWritten, ...rest } = outcome
  // In the order that a line has: then it is written as it stands.
  const end = { status, bytesRead, bytesWritten, durationMs: Math.round(performance.now() - began), ...rest }
  await gate.audit.write({ kind: 'end', who, what, end }).catch((thrown) => {
    // It has happened; all that is left is to say that its end is missing.
    gate.tally.lostEndRecords += 1
    gate.warn(`no end record for ${what.operationId}`, thrown)
  })
}

async function toldInstead(gate: Gate, client: Client, what: What, thrown: unknown): Promise<Outcome> {
  const error = toKerbsideError(thrown)
  gate.tally.count(what.operation, 'error', error.code)
  gate.warn(`${what.operation} failed: ${error.message}`, error.cause)
  return toldOnly(client.tell(tellError(error)))
}
