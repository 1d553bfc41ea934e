/** `kerbside policy diff`: what one policy allows and another does not, as access and not as lines. */
import { Option } from 'commander'
import { diffPolicies } from '../../../core/policy/access/diff.ts'
import { type CliCommand, EXIT } from '../../command.ts'
import { momentOf } from '../policies.ts'
import { DEFAULT_PATH, policyNamed, trustOption } from '../source.ts'
import { DIFF_FORMATS, isEmpty, writeDiff } from './diff-words.ts'

const AFTER = `
A and B are policy folders, bundles, or git revisions: \`main\` where no file is called so, \`git:main\` in any case, and
\`git:main:folder\` for another folder than --path. Nothing is checked out.

Every difference is on a line, and nothing else: each identity, action and path is compared in every situation that
grants can tell apart (dates, hours, namespaces, labels of pods). What has ended before now is not compared. Where so many
labels are asked for that not all their combinations can be tried, a line says that access may have changed.

Exit codes: 0 compared, 1 with --exit-code when something changed, 2 a command line that is not understood, 3 a policy
that cannot be used.

Examples:
  kerbside policy diff main policies                              what this working tree would change
  kerbside policy diff git:origin/main:policies policies --output markdown --exit-code
  kerbside policy diff policy-41.jws policy-42.jws --trust keys.json`

export const policyDiff: CliCommand = {
  define: (command) =>
    trustOption(command)
      .argument('<a>', 'policy before')
      .argument('[b]', 'policy after', DEFAULT_PATH)
      .option('--path <folder>', 'policy folder in a git revision', DEFAULT_PATH)
      .option('--at <time>', 'compare from then on, such as 2027-01-31T00:00:00Z; now if absent')
      .option('--with-shadow', 'as if grants in shadow were enforced')
      .option('--exit-code', 'exit with 1 when something changed')
      .addOption(new Option('--output <format>', 'how it is written').choices(DIFF_FORMATS).default('table'))
      .addHelpText('after', AFTER),
  async run({ terminal, args: [a = '', b = ''], options }) {
    const from = momentOf(options)
    const before = await policyNamed(a, { terminal, options })
    const after = await policyNamed(b, { terminal, options }, before)
    const diff = diffPolicies(before.bundle, after.bundle, { from, withShadow: options.get('withShadow') === true })
    const format = DIFF_FORMATS.find((one) => one === options.get('output')) ?? 'table'
    terminal.out(writeDiff(format, diff, { before: before.name, after: after.name, paint: terminal.paint }))
    return options.get('exitCode') === true && !isEmpty(diff) ? EXIT.no : EXIT.yes
  },
}
