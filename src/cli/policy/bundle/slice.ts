/** `kerbside policy slice`: the slice that an identity's sidecar would be handed. */
import { type CliCommand, EXIT } from '../../command.ts'
import { bundleOf, directoryArgument, identityOf, required } from '../policies.ts'

const AFTER = `
Exit codes: 0 printed, 2 a command line that is not understood, 3 a policy that cannot be used.

Examples:
  kerbside policy slice --identity quant-research policies > slice.json`

export const policySlice: CliCommand = {
  define(command) {
    directoryArgument(command)
    command.option('--identity <name>', 'identity to cut the slice for; required').addHelpText('after', AFTER)
  },
  async run({ terminal, args: [directory = ''], options }) {
    const { slice } = identityOf(await bundleOf(directory), required(options, 'identity'))
    terminal.out(JSON.stringify(slice, undefined, 2))
    return EXIT.yes
  },
}
