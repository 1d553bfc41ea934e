/** `kerbside policy fmt`: every policy file in its one layout, or what would change. */
import { join } from 'node:path'
import { printable } from '../../../core/audit/printable.ts'
import { toFinding, writeFindings } from '../../../core/policy/language/findings.ts'
import { inFileOrder, type Problem } from '../../../core/policy/language/problem.ts'
import { readPolicyFiles } from '../../../io/policy/files.ts'
import { formatPolicy } from '../../../io/policy/format.ts'
import { replacePolicyFile } from '../../../io/policy/write.ts'
import { type CliCommand, EXIT } from '../../command.ts'
import type { Terminal } from '../../terminal.ts'
import { diffOf } from '../../text-diff.ts'
import { counted, directoryArgument } from '../policies.ts'

const AFTER = `
What a file says never changes, nor its comments, nor the order of its documents. Fields come in the order of the schema,
two spaces deep; short lists stand on one line; quotes go where nothing needs them. A file with a mistake is left alone.

Exit codes: 0 all have the layout, 1 some have not (--check), 2 a command line that is not understood, 3 a file is broken.`

type Change = { readonly file: string; readonly was: Buffer; readonly text: string }

export const policyFmt: CliCommand = {
  define(command) {
    directoryArgument(command)
    command.option('--check', 'write nothing: print what would change, and exit with 1 if anything would')
    command.addHelpText('after', AFTER)
  },
  async run({ terminal, args: [directory = ''], options }) {
    const isCheck = options.get('check') === true
    const { changes, problems, count } = await formatAll(directory, terminal)
    for (const { file, was, text } of changes) {
      if (isCheck) terminal.out(diffOf(file, was.toString(), text, terminal))
      else {
        await replacePolicyFile(join(directory, file), was, text)
        terminal.out(printable(file))
      }
    }
    if (problems.length > 0) {
      const paint = (_: unknown, word: string) => terminal.paint('red', word)
      terminal.err(writeFindings('table', inFileOrder(problems).map(toFinding), { directory, paint }))
    }
    const all = counted(count, 'file')
    const said = isCheck ? `${changes.length} of ${all} would change` : `${changes.length} of ${all} written`
    const broken = new Set(problems.map(({ file }) => file)).size
    terminal.err(broken === 0 ? said : `${said}, ${terminal.paint('red', `${broken} left alone`)}`)
    if (broken > 0) return EXIT.broken
    return isCheck && changes.length > 0 ? EXIT.no : EXIT.yes
  },
}

const PROGRESS_MS = 2000

async function formatAll(directory: string, terminal: Terminal) {
  const files = await readPolicyFiles(directory)
  const changes: Change[] = []
  const problems: Problem[] = []
  const begun = performance.now()
  let told = begun
  for (const [index, file] of files.entries()) {
    if (performance.now() - told > PROGRESS_MS) {
      told = performance.now()
      terminal.err(terminal.paint('dim', `${index} of ${files.length} files, ${Math.round((told - begun) / 1000)} s`))
    }
    if ('problem' in file) {
      problems.push({ file: file.name, line: 1, column: 1, message: file.problem })
      continue
    }
    const formatted = formatPolicy(file.name, file.bytes)
    if ('problems' in formatted) problems.push(...formatted.problems)
    else if (formatted.text !== file.bytes.toString()) {
      changes.push({ file: file.name, was: file.bytes, text: formatted.text })
    }
  }
  return { changes, problems, count: files.length }
}
