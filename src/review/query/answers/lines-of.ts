/** Lines of one chain by their numbers, as they stand in the files. */
import { headOf } from '../../../core/audit/glimpse.ts'
import { bySidecar, oldestFirst, type Placed } from '../../../io/audit/copies.ts'
import { readAuditDirectory } from '../../../io/audit/directory.ts'

/** With these numbers, `from` and before `to`; of two that differ the first. @throws KerbsideError `io-failed` */
export async function linesOf(
  directory: string,
  { sidecar, from, to }: { readonly sidecar: string; readonly from: number; readonly to: number },
): Promise<ReadonlyMap<number, Placed>> {
  const found = new Map<number, Placed>()
  const logs = (await readAuditDirectory(directory)).filter((log) => log.sidecar === sidecar)
  for (const copies of bySidecar(logs))
    for await (const [line] of oldestFirst(copies)) {
      const number = line === undefined ? undefined : headOf(line.text)?.sequence
      if (line === undefined || number === undefined || number < from) continue
      if (number >= to) return found
      if (!found.has(number)) found.set(number, line)
    }
  return found
}
