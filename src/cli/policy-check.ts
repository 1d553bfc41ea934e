/** `kerbside policy check`: every problem of a policy directory, or one line that says what is in it. */
import { formatProblem } from '../core/policy/problem.ts'
import { readPolicyDirectory } from '../io/policy-directory.ts'
import { type CliCommand, EXIT } from './command.ts'
import { directoryArgument, summaryOf } from './policies.ts'

export const policyCheck: CliCommand = {
  group: 'policy',
  name: 'check',
  summary: 'whether the directory is valid: all problems, with file, line and column (exit 1), or one line',
  define: directoryArgument,
  async run({ terminal, args: [directory = ''] }) {
    const result = await readPolicyDirectory(directory)
    if ('bundle' in result) {
      terminal.out(summaryOf(result.bundle))
      return EXIT.yes
    }
    const { problems } = result
    for (const problem of problems) terminal.out(formatProblem(problem))
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
    terminal.err(`${terminal.paint('red', count)} in \`${directory}\`: nothing of it would be loaded`)
    return EXIT.no
  },
}
