/** `kerbside audit verify`: whether the log of every sidecar is whole, or where it breaks first and how. */
import { printable } from '../../core/audit/printable.ts'
import { FAULTS } from '../../core/audit/verify.ts'
import type { ChainReport } from '../../io/audit-chain.ts'
import { followChain } from '../../io/audit-chain.ts'
import { readAuditDirectory } from '../../io/audit-directory.ts'
import { type CliCommand, EXIT } from '../command.ts'
import { counted } from '../policy/policies.ts'
import { type Terminal, table } from '../terminal.ts'

export const auditVerify: CliCommand = {
  define: (command) => command.argument('<directory>', 'folder that sidecars write their records to'),
  async run({ terminal, args: [directory = ''] }) {
    const reports: ChainReport[] = []
    for (const log of await readAuditDirectory(directory)) reports.push(await followChain(log))
    const records = reports.reduce((sum, report) => sum + report.records, 0)
    if (records === 0 && reports.every(({ broken }) => broken === undefined)) {
      terminal.err(`${terminal.paint('red', 'no records')} in \`${directory}\`: there is nothing to verify`)
      return EXIT.no
    }
    const rows = table(reports.map(row))
    for (const [index, report] of reports.entries()) print(terminal, rows[index] ?? '', report)
    const broken = reports.filter((report) => report.broken !== undefined).length
    const verdict = broken === 0 ? terminal.paint('green', 'all whole') : terminal.paint('red', `${broken} broken`)
    terminal.out(`${counted(reports.length, 'sidecar')}, ${counted(records, 'record')}: ${verdict}`)
    terminal.out(
      terminal.paint(
        'dim',
        'a chain shows what was changed in it, not what was cut off its end, nor a log that is gone',
      ),
    )
    return broken === 0 ? EXIT.yes : EXIT.no
  },
}

function row({ sidecar, records, last, broken, unfinishedBytes }: ChainReport): readonly string[] {
  const pod = last === undefined ? '' : printable(`${last.who.namespace}/${last.who.pod}`, 60)
  const identity = last === undefined ? '' : printable(last.who.identity, 40)
  const ending = last?.kind === 'close' ? 'closed' : 'not closed: running, or ended suddenly'
  const unfinished = unfinishedBytes > 0 ? '; ends in a line that is not finished' : ''
  const state = broken === undefined ? `whole, ${ending}${unfinished}` : 'BROKEN'
  return [sidecar, pod, identity, counted(records, 'record'), state]
}

function print(terminal: Terminal, line: string, { broken }: ChainReport): void {
  terminal.out(broken === undefined ? line : terminal.paint('red', line))
  if (broken === undefined) return
  const { file, line: number, fault, detail } = broken
  terminal.out(`  ${printable(file)}:${number}: ${FAULTS[fault]}\n  ${printable(detail)}`)
}
