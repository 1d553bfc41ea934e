/** `kerbside audit verify`: whether the log of every sidecar is whole, or where it breaks first and how; and whether brokers countersigned it. */
import { type ClockFaults, clockCheck } from '../../core/audit/clock-check.ts'
import { COUNTERSIGNED_FAULTS, type CountersignedFault, countersigned } from '../../core/audit/countersigned.ts'
import { printable } from '../../core/audit/printable.ts'
import { FAULTS } from '../../core/audit/verify.ts'
import { KerbsideError } from '../../core/errors.ts'
import type { ChainReport } from '../../io/audit/chain.ts'
import { followChain } from '../../io/audit/chain.ts'
import {
  CHECKPOINT_FAULTS,
  type CheckpointsRead,
  hashBytes,
  readCheckpoints,
  type Signed,
} from '../../io/audit/checkpoints.ts'
import { bySidecar } from '../../io/audit/copies.ts'
import { readAuditDirectory } from '../../io/audit/directory.ts'
import { readTrustedKeys } from '../../io/policy/bundle-keys.ts'
import { type CliCommand, EXIT } from '../command.ts'
import { counted } from '../policy/policies.ts'
import { type Terminal, table } from '../terminal.ts'

type Report = ChainReport & {
  readonly clock: ClockFaults
  readonly gone?: CountersignedFault | undefined
  readonly provedTo?: number
}

export const auditVerify: CliCommand = {
  define: (command) =>
    command
      .argument('<directory...>', 'folders of records: of brokers, of sidecars, or copies of them')
      .option('--checkpoints <directory>', 'and that they are what brokers countersigned, by the checkpoints here')
      .option('--keys <file>', 'public keys of the brokers, with --checkpoints: a JWK Set, or PEM'),
  async run({ terminal, args, options }) {
    const directories = args.flat()
    const checkpoints = await checkpointsOf(options.get('checkpoints'), options.get('keys'))
    const logs = (await Promise.all(directories.map(readAuditDirectory))).flat()
    const reports: Report[] = []
    for (const copies of bySidecar(logs)) {
      const parts = checkpoints?.bySidecar.get(copies[0]?.sidecar ?? '') ?? []
      const [signed, clock] = [countersigned(parts, hashBytes), clockCheck(parts)]
      const report = await followChain(copies, (record) => {
        signed.add(record)
        clock.add(record)
      })
      reports.push({
        ...report,
        clock: clock.found(),
        ...(checkpoints === undefined ? {} : { gone: signed.fault(), provedTo: signed.provedTo() }),
      })
    }
    const known = new Set(logs.map(({ sidecar }) => sidecar))
    const lost = [...(checkpoints?.bySidecar ?? [])].filter(([sidecar]) => !known.has(sidecar))
    const records = reports.reduce((sum, report) => sum + report.records, 0)
    if (records === 0 && lost.length === 0 && reports.every(({ broken }) => broken === undefined)) {
      terminal.err(
        `${terminal.paint('red', 'no records')} in \`${directories.join('`, `')}\`: there is nothing to verify`,
      )
      return EXIT.no
    }
    const rows = table(reports.map(row))
    for (const [index, report] of reports.entries()) print(terminal, rows[index] ?? '', report)
    for (const [sidecar, parts] of lost) printLost(terminal, sidecar, parts)
    for (const { fault, file, line, detail } of checkpoints?.faults ?? [])
      terminal.out(`${printable(file)}:${line}: ${CHECKPOINT_FAULTS[fault]}\n  ${printable(detail)}`)
    const bad = reports.filter(({ broken, gone }) => broken !== undefined || gone !== undefined).length
    const broken = bad + lost.length + (checkpoints?.faults.length ?? 0)
    const verdict = broken === 0 ? terminal.paint('green', 'all whole') : terminal.paint('red', `${broken} broken`)
    terminal.out(`${counted(reports.length, 'sidecar')}, ${counted(records, 'record')}: ${verdict}`)
    terminal.out(terminal.paint('dim', checkpoints === undefined ? CHAIN_ALONE : WITH_CHECKPOINTS))
    return broken === 0 ? EXIT.yes : EXIT.no
  },
}

const CHAIN_ALONE =
  'a chain shows what was changed in it, not what was cut off its end, nor a log that is gone: --checkpoints does'
const WITH_CHECKPOINTS =
  'what came after the newest checkpoint is shown by its chain alone; checkpoints that were cut off are found in a copy kept elsewhere'

async function checkpointsOf(directory: unknown, keys: unknown): Promise<CheckpointsRead | undefined> {
  if ((directory === undefined) !== (keys === undefined))
    throw new KerbsideError('bad-usage', '--checkpoints and --keys go together')
  if (typeof directory !== 'string' || typeof keys !== 'string') return undefined
  return readCheckpoints(directory, await readTrustedKeys(keys))
}

function row({ sidecar, records, last, broken, gaps, gone, provedTo, unfinishedBytes }: Report): readonly string[] {
  const pod = last === undefined ? '' : printable(`${last.who.namespace}/${last.who.pod}`, 60)
  const identity = last === undefined ? '' : printable(last.who.identity, 40)
  const ending = last?.kind === 'close' ? 'closed' : 'not closed: running, or ended suddenly'
  const unfinished = unfinishedBytes > 0 ? '; ends in a line that is not finished' : ''
  const signed = provedTo === undefined ? '' : `; countersigned to number ${provedTo - 1}`
  const isOnlyGaps = broken?.fault === 'gap' && gone === undefined
  const isBroken = broken !== undefined || gone !== undefined
  const bad = isOnlyGaps ? `whole but for ${counted(gaps.length, 'gap')}` : 'BROKEN'
  const state = isBroken ? bad : `whole, ${ending}${unfinished}${provedTo === 0 ? '; not countersigned' : signed}`
  return [sidecar, pod, identity, counted(records, 'record'), state]
}

/** Gaps that are listed one by one. */
const MOST_LISTED = 20

function print(terminal: Terminal, line: string, { broken, gaps, gone, clock }: Report): void {
  terminal.out(broken === undefined && gone === undefined ? line : terminal.paint('red', line))
  const listed = gaps.slice(0, MOST_LISTED)
  const wrong = broken === undefined || broken.fault === 'gap' ? listed : [...listed, broken]
  for (const { file, line: number, fault, detail } of wrong)
    terminal.out(`  ${printable(file)}:${number}: ${FAULTS[fault]}\n  ${printable(detail)}`)
  if (gaps.length > listed.length) terminal.out(`  and ${counted(gaps.length - listed.length, 'more gap')}`)
  if (gone !== undefined) terminal.out(`  ${goneText(gone)}`)
  for (const text of clockTexts(clock)) terminal.out(terminal.paint('yellow', `  ${text}`))
}

/** A clock that is wrong makes no record wrong: the order is that of the numbers. */
function clockTexts({ back, ahead }: ClockFaults): readonly string[] {
  const minutes = (ms: number) => `${Math.round(ms / 60_000).toLocaleString('en-US')} min`
  return [
    ...(back === undefined ? [] : [`its clock went back by ${minutes(back.ms)} before number ${back.sequence}`]),
    ...(ahead === undefined
      ? []
      : [`its clock was ${minutes(ahead.ms)} ahead of the broker's at number ${ahead.sequence}`]),
  ]
}

const goneText = ({ fault, from, to }: CountersignedFault): string =>
  fault === 'missing'
    ? `number ${from}: ${COUNTERSIGNED_FAULTS.missing}, up to number ${to - 1}`
    : `number ${from}, or one after it up to ${to - 1}: ${COUNTERSIGNED_FAULTS.rewritten}`

function printLost(terminal: Terminal, sidecar: string, parts: readonly Signed[]): void {
  const last = parts.toSorted((one, other) => one.to - other.to).at(-1)
  terminal.out(terminal.paint('red', `${sidecar}  BROKEN`))
  terminal.out(
    `  number 0: ${COUNTERSIGNED_FAULTS.missing}, the whole log, up to number ${(last?.to ?? 1) - 1} by ${last?.by}`,
  )
}
