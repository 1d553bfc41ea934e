/** All records that a person names, read once: what `replay` and `unused` go through. */
import { type Asked, type Other, readAsked } from '../../core/audit/asked.ts'
import { printable } from '../../core/audit/printable.ts'
import { FAULTS } from '../../core/audit/verify.ts'
import { KerbsideError } from '../../core/errors.ts'
import { followChain } from '../../io/audit/chain.ts'
import { bySidecar } from '../../io/audit/copies.ts'
import { type AuditInput, auditInputs, auditLogs, linesOfInputs } from '../../io/audit/inputs.ts'
import { grouped, megabytes, progressOn } from '../progress.ts'
import type { Terminal } from '../terminal.ts'

/** What the files hold: enough to say how far one has come. */
export type Recorded = { readonly records: number; readonly inputs: readonly AuditInput[] }

/**
 * @param take each record, with where it stands: `UID-0.ndjson:12`
 * @throws KerbsideError `io-failed` at a line that is no record, and when there is none at all
 */
export async function readRecorded(
  terminal: Terminal,
  given: readonly string[],
  take: (record: Asked | Other, place: () => string) => void,
): Promise<Recorded> {
  const tell = progressOn(terminal)
  const inputs = await auditInputs(given)
  const total = inputs.reduce((sum, { bytes }) => sum + bytes, 0)
  let [records, units] = [0, 0]
  for await (const { input, first, lines } of linesOfInputs(inputs)) {
    for (const [index, line] of lines.entries()) {
      const record = readAsked(line)
      const place = () => `${input.name}:${first + index}`
      if (record === undefined) {
        const hint = 'nothing is said about the rest: `kerbside audit verify` says more'
        throw new KerbsideError('io-failed', `${printable(place())}: the line is no record`, { hint })
      }
      take(record, place)
      units += line.length
    }
    records += lines.length
    tell(() => `${grouped(records)} records, ${megabytes(units)}${total === 0 ? '' : ` of ${megabytes(total)}`}`)
  }
  if (records === 0) {
    const hint = 'name the folder that sidecars write their `*.ndjson` to, such a file, or `-`'
    throw new KerbsideError('io-failed', `no records in ${given.map((path) => `\`${path}\``).join(', ')}`, { hint })
  }
  return { records, inputs }
}

/** @throws KerbsideError `io-failed` at the first record that is not as it was written, with its line */
export async function verifyRecorded(terminal: Terminal, given: readonly string[]): Promise<void> {
  const tell = progressOn(terminal)
  const chains = bySidecar(await auditLogs(given))
  for (const [index, copies] of chains.entries()) {
    const { broken } = await followChain(copies)
    tell(() => `${index + 1} of ${chains.length} chains verified`)
    if (broken === undefined) continue
    const { file, line, fault, detail } = broken
    throw new KerbsideError('io-failed', `${printable(file)}:${line}: ${FAULTS[fault]}`, { hint: printable(detail) })
  }
}
