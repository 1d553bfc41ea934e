/** `kerbside policy schema`: JSON Schema of a policy document, for editors and other checkers. */
import { documentSchema } from '../../../core/policy/language/documents.ts'
import { type CliCommand, EXIT } from '../../command.ts'

const AFTER = `
Exit codes: 0 printed, 2 a command line that is not understood.

Examples:
  kerbside policy schema > policies/schema.json`

export const policySchema: CliCommand = {
  define: (command) => command.addHelpText('after', AFTER),
  async run({ terminal }) {
    terminal.out(JSON.stringify(documentSchema(), undefined, 2))
    return EXIT.yes
  },
}
