/** `kerbside policy check`: every problem of a policy directory, or one line that says what is in it; once, or at each change. */
import { Option } from 'commander'
import { KerbsideError } from '../../../core/errors.ts'
import { formatInstant } from '../../../core/instant.ts'
import { AUTHORSHIP } from '../../../core/policy/authorship/authorship.ts'
import {
  FINDING_FORMATS,
  type Finding,
  type FindingFormat,
  type Severity,
  toFinding,
  writeFindings,
} from '../../../core/policy/language/findings.ts'
import { inFileOrder } from '../../../core/policy/language/problem.ts'
import { lint } from '../../../core/policy/lint/lint.ts'
import { ABOUT } from '../../../core/policy/lint/rules.ts'
import {
  type DirectoryResult,
  type PolicyReading,
  readPolicyDirectory,
  watchReadings,
} from '../../../io/policy/directory.ts'
import { type CliCommand, EXIT, type ExitCode } from '../../command.ts'
import type { Colour, Terminal } from '../../terminal.ts'
import { counted, directoryArgument, momentOf, summaryOf } from '../policies.ts'
import { type Author, authorFindings, authorOf } from './author.ts'
import { fixPolicy } from './fix.ts'

const AFTER = `
Errors are what stops a policy from being loaded; warnings and notes are about a policy that is valid.

--fix takes away what can never matter again: grants that are over, and items that stand twice in a list. It never touches a
path, leaves alone what a comment stands beside, and writes nothing when a test that passes would fail.

--author holds a change against the Delegations of a team, as they stand in the base: what was added, changed or taken away
since then, and what others lose or gain by it, must be covered. Without --base, every document must be.

Exit codes: 0 valid, 1 warnings with --strict or a change that its author may not make, 2 a command line that is not
understood, 3 a policy that cannot be used.

Examples:
  kerbside policy check policies
  kerbside policy check --watch
  kerbside policy check --severity warning --strict
  kerbside policy check --fix --dry-run
  kerbside policy check --author quant --base git:origin/main
  kerbside policy check --output github     in a GitHub workflow: beside the lines of a pull request
  kerbside policy check --output sarif > policy.sarif`

export const policyCheck: CliCommand = {
  define(command) {
    directoryArgument(command)
    command
      .addOption(new Option('--output <format>', 'how problems are written').choices(FINDING_FORMATS).default('table'))
      .option('--no-lint', 'only whether it is valid, without what may be meant otherwise')
      .option('--strict', 'exit with 1 when there are warnings')
      .addOption(
        new Option('--severity <least>', 'what to print: this and whatever is worse')
          .choices(SEVERITIES)
          .default('note'),
      )
      .option('--at <time>', 'when it is looked at, such as 2027-01-31T00:00:00Z; now if absent')
      .addOption(new Option('--fix', 'take away what can never matter again').conflicts(['watch', 'at']))
      .option('--dry-run', 'with --fix: print the difference, and write nothing')
      .addOption(
        new Option('--author <team>', 'whether this team may make the change by itself').conflicts(['watch', 'fix']),
      )
      .option('--base <policy>', 'with --author: the policy that was changed, a directory or `git:REVISION`')
      .option('--watch', 'check again at each change, until Ctrl-C')
      .addHelpText('after', AFTER)
  },
  async run({ terminal, args: [directory = ''], options, stopped }) {
    const asked: Asked = {
      directory,
      format: FINDING_FORMATS.find((format) => format === options.get('output')) ?? 'table',
      isStrict: options.get('strict') === true,
      withLint: options.get('lint') !== false,
      least: SEVERITIES.indexOf(options.get('severity') as Severity),
      at: options.get('at') === undefined ? undefined : momentOf(options),
      author: await authorOf(options, directory),
    }
    const isDry = options.get('dryRun') === true
    if (isDry && options.get('fix') !== true) {
      throw new KerbsideError('bad-usage', '`--dry-run` is for `--fix`, which is not given')
    }
    if (options.get('fix') === true) await fixPolicy({ directory, isDry, now: Date.now() }, terminal)
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
  /** Index in {@link SEVERITIES} of the mildest that is printed. */
  readonly least: number
  /** Milliseconds since the epoch; now if absent. */
  readonly at: number | undefined
  readonly author: Author | undefined
}

/** The worst first. */
const SEVERITIES = ['error', 'warning', 'note'] as const satisfies readonly Severity[]

const COLOURS: Readonly<Record<Severity, Colour>> = { error: 'red', warning: 'yellow', note: 'dim' }

/** Prints what a reading found, and says what it is worth. */
function report(reading: PolicyReading, asked: Asked, terminal: Terminal): ExitCode {
  if ('unreadable' in reading) {
    terminal.err(`${terminal.paint('red', 'kerbside:')} ${reading.unreadable}`)
    return EXIT.broken
  }
  const { directory, format, isStrict, least, author } = asked
  const findings = findingsOf(reading, asked)
  const paint = (severity: Severity, text: string) => terminal.paint(COLOURS[severity], text)
  const shown = findings.filter(({ severity }) => SEVERITIES.indexOf(severity) <= least)
  const text = writeFindings(format, shown, { directory, about: SENTENCES, paint })
  if (text !== '') terminal.out(text)
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length
  const errors = count('error')
  if ('bundle' in reading) {
    if (format === 'table') terminal.out(summaryOf(reading.bundle))
    if (errors > 0) {
      const what = terminal.paint('red', counted(errors, 'thing'))
      terminal.err(`${what} that team \`${author?.team}\` may not do by itself`)
    }
    return errors > 0 || (isStrict && count('warning') > 0) ? EXIT.no : EXIT.yes
  }
  const problems = terminal.paint('red', counted(errors, 'problem'))
  terminal.err(`${problems} in \`${directory}\`: nothing of it would be loaded`)
  return EXIT.broken
}

const SENTENCES = new Map([...ABOUT, ...AUTHORSHIP])

/** Of a policy that is valid, what its author may not do, and what may be meant otherwise. */
function findingsOf(reading: DirectoryResult, { withLint, author, at = Date.now() }: Asked): readonly Finding[] {
  if ('problems' in reading) return reading.problems.map(toFinding)
  return inFileOrder([
    ...(author === undefined ? [] : authorFindings(author, reading, at)),
    ...(withLint ? lint({ bundle: reading.bundle, documents: reading.documents(), now: at }) : []),
  ])
}
