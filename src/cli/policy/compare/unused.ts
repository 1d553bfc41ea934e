/** `kerbside policy unused`: grants, actions and identities that no record used, and the patch that takes them away. */
import { InvalidArgumentError, Option } from 'commander'
import { cutsByFile } from '../../../core/policy/unused/cuts.ts'
import { lostTests } from '../../../core/policy/unused/lost-tests.ts'
import { isSomethingUnused, unusedOf } from '../../../core/policy/unused/unused.ts'
import { collectingUses } from '../../../core/policy/unused/uses.ts'
import { parseSince } from '../../../core/since.ts'
import { patchPolicy } from '../../../io/policy/patch.ts'
import { readRecorded, verifyRecorded } from '../../audit/recorded.ts'
import { type CliCommand, EXIT } from '../../command.ts'
import { bundleOf } from '../policies.ts'
import { UNUSED_FORMATS, writeUnused } from './unused-words.ts'

const AFTER = `
A grant is used by every recorded operation that it would allow today, at the moment of the record. Where a record does not
say what decides (labels of the pod, parameters in records of the first release) whatever may have been used counts as used.
So the patch changes no decision about any record of the period. It takes nothing from a deny, from a grant that began
within the period, or from one in shadow. Records that do not reach back to the beginning make the answer incomplete.

Exit codes: 0 all is used, 1 something is not, 2 a command line that is not understood, 3 a policy, record or file that
cannot be used.

Examples:
  kerbside policy unused --since 90d /var/kerbside/audit
  kerbside policy unused --since 90d --output patch DIR | patch -p1 -d policies
  kerbside policy unused --since 2027-01-01T00:00:00Z --output markdown DIR`

export const policyUnused: CliCommand = {
  define: (command) =>
    command
      .argument('<audit...>', 'folder that sidecars write their records to, files of it, or `-`')
      .option('--policy <directory>', 'policy directory', 'policies')
      .option(
        '--since <time>',
        'a time back from now such as 90d, 4w or 12h, or a moment with its zone',
        since,
        since('90d'),
      )
      .option('--verify', 'follow the chains first: a record that was changed is an error')
      .addOption(new Option('--output <format>', 'how the answer is written').choices(UNUSED_FORMATS).default('table'))
      .addHelpText('after', AFTER),
  async run({ terminal, args, options }) {
    const given = args.flat()
    const directory = String(options.get('policy'))
    const bundle = await bundleOf(directory)
    const collecting = collectingUses(bundle)
    if (options.get('verify') === true) await verifyRecorded(terminal, given)
    await readRecorded(terminal, given, (record) => collecting.take(record))
    const unused = unusedOf(bundle, collecting.result(), Number(options.get('since')))
    const { patch, bundle: narrower } = await patchPolicy(directory, cutsByFile(unused))
    const lost = patch === '' ? [] : lostTests(bundle, narrower, Date.now())
    const format = UNUSED_FORMATS.find((one) => one === options.get('output')) ?? 'table'
    const text = writeUnused(format, { unused, patch, lost }, { directory, paint: terminal.paint })
    if (text !== '') terminal.out(text)
    return isSomethingUnused(unused) ? EXIT.no : EXIT.yes
  },
}

function since(text: string): number {
  const moment = parseSince(text, Date.now())
  if (moment !== undefined) return moment
  throw new InvalidArgumentError('it is neither a time back such as `90d`, nor a moment with its zone')
}
