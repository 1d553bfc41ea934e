/** `kerbside policy check`: every problem of a policy directory, or one line that says what is in it; once, or at each change. */
import { Option } from 'commander'
import { formatInstant } from '../core/instant.ts'
import {
  FINDING_FORMATS,
  type Finding,
  type FindingFormat,
  type Severity,
  toFinding,
  writeFindings,
} from '../core/policy/findings.ts'
import { lint } from '../core/policy/lint/lint.ts'
import { ABOUT } from '../core/policy/lint/rules.ts'
import { type DirectoryResult, type PolicyReading, readPolicyDirectory, watchReadings } from '../io/policy-directory.ts'
import { type CliCommand, EXIT, type ExitCode } from './command.ts'
import { counted, directoryArgument, summaryOf } from './policies.ts'
import type { Colour, Terminal } from './terminal.ts'

const AFTER = `
Errors are what stops a policy from being loaded; warnings and notes are about a policy that is valid.

Exit codes: 0 valid, 1 warnings with --strict, 2 a command line that is not understood, 3 a policy that cannot be used.

Examples:
  kerbside policy check policies
  kerbside policy check --watch
  kerbside policy check --output github     in a GitHub workflow: beside the lines of a pull request
  kerbside policy check --output sarif > policy.sarif`

export const policyCheck: CliCommand = {
  group: 'policy',
  name: 'check',
  summary:
    'whether the directory is valid (exit 3 if not), and what may be meant otherwise, with file, line and column',
  define(command) {
    directoryArgument(command)
    command
      .addOption(new Option('--output <format>', 'how problems are written').choices(FINDING_FORMATS).default('table'))
      .option('--no-lint', 'only whether it is valid, without what may be meant otherwise')
      .option('--strict', 'exit with 1 when there are warnings')
      .option('--watch', 'check again at each change, until Ctrl-C')
      .addHelpText('after', AFTER)
  },
  async run({ terminal, args: [directory = ''], options, stopped }) {
    const asked: Asked = {
      directory,
      format: FINDING_FORMATS.find((format) => format === options.get('output')) ?? 'table',
      isStrict: options.get('strict') === true,
      withLint: options.get('lint') !== false,
    }
    if (options.get('watch') !== true) return report(await readPolicyDirectory(directory), asked, terminal)
    let code: ExitCode = EXIT.yes
    const stopWatching = watchReadings(directory, (reading) => {
      if (asked.format === 'table')
        terminal.out(terminal.paint('dim', formatInstant(Math.floor(Date.now() / 1000) * 1000)))
      code = report(reading, asked, terminal)
    })
    await stopped()
    stopWatching()
    return code
  },
}

type Asked = {
  readonly directory: string
  readonly format: FindingFormat
  readonly isStrict: boolean
  readonly withLint: boolean
}

const COLOURS: Readonly<Record<Severity, Colour>> = { error: 'red', warning: 'yellow', note: 'dim' }

/** Prints what a reading found, and says what it is worth. */
function report(
  reading: PolicyReading,
  { directory, format, isStrict, withLint }: Asked,
  terminal: Terminal,
): ExitCode {
  if ('unreadable' in reading) {
    terminal.err(`${terminal.paint('red', 'kerbside:')} ${reading.unreadable}`)
    return EXIT.broken
  }
  const findings = findingsOf(reading, withLint)
  const paint = (severity: Severity, text: string) => terminal.paint(COLOURS[severity], text)
  const text = writeFindings(format, findings, { directory, about: ABOUT, paint })
  if (text !== '') terminal.out(text)
  if ('bundle' in reading) {
    if (format === 'table') terminal.out(summaryOf(reading.bundle))
    const warnings = findings.filter(({ severity }) => severity === 'warning').length
    return isStrict && warnings > 0 ? EXIT.no : EXIT.yes
  }
  const count = counted(findings.length, 'problem')
  terminal.err(`${terminal.paint('red', count)} in \`${directory}\`: nothing of it would be loaded`)
  return EXIT.broken
}

/** Of a policy that is valid, what may be meant otherwise. */
function findingsOf(reading: DirectoryResult, withLint: boolean): readonly Finding[] {
  if ('problems' in reading) return reading.problems.map(toFinding)
  if (!withLint) return []
  return lint({ bundle: reading.bundle, documents: reading.documents(), now: Date.now() })
}
