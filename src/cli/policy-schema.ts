/** `kerbside policy schema`: JSON Schema of a policy document, for editors and other checkers. */
import { documentSchema } from '../core/policy/language/documents.ts'
import { type CliCommand, EXIT } from './command.ts'

export const policySchema: CliCommand = {
  group: 'policy',
  name: 'schema',
  summary: 'JSON Schema of a policy document; `policies/schema.json` is its output',
  async run({ terminal }) {
    terminal.out(JSON.stringify(documentSchema(), undefined, 2))
    return EXIT.yes
  },
}
