/** `kerbside policy schema`: JSON Schema of a policy document, for editors and other checkers. */
import { documentSchema } from '../../../core/policy/language/documents.ts'
import { type CliCommand, EXIT } from '../../command.ts'

export const policySchema: CliCommand = {
  async run({ terminal }) {
    terminal.out(JSON.stringify(documentSchema(), undefined, 2))
    return EXIT.yes
  },
}
