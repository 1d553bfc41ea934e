/** `kerbside policy replay`: recorded operations put to another policy, and what would be decided otherwise. */
import { InvalidArgumentError, Option } from 'commander'
import { parseInstant } from '../../../core/instant.ts'
import { isFlip, replaying } from '../../../core/policy/replay/replay.ts'
import { readRecorded, verifyRecorded } from '../../audit/recorded.ts'
import { type CliCommand, EXIT } from '../../command.ts'
import { bundleOf } from '../policies.ts'
import { REPLAY_FORMATS, writeReplay } from './replay-words.ts'

const AFTER = `
Each operation is decided as the gateway would, at the moment of its record. A request that was refused before policy is
refused again. What records do not hold is never guessed: labels of pods, and parameters in records of the first release;
where the answer hangs on them it is counted apart. Bytes of a file are not put to its limits.

Exit codes: 0 nothing flips, 1 something does, 2 a command line that is not understood, 3 a policy, record or file that
cannot be used.

Examples:
  kerbside policy replay /var/kerbside/audit --policy policies
  kerbside policy replay --output markdown records.ndjson       for a pull request
  kerbside audit query DIR --team quant --json | kerbside policy replay -`

export const policyReplay: CliCommand = {
  define: (command) =>
    command
      .argument('<audit...>', 'folder that sidecars write their records to, files of it, or `-`')
      .option('--policy <directory>', 'the other policy', 'policies')
      .option(
        '--at <time>',
        'decide for `now` or a moment such as 2027-01-31T00:00:00Z; each at its own if absent',
        moment,
      )
      .option('--verify', 'follow the chains first: a record that was changed is an error')
      .addOption(new Option('--output <format>', 'how the answer is written').choices(REPLAY_FORMATS).default('table'))
      .addHelpText('after', AFTER),
  async run({ terminal, args, options }) {
    const given = args.flat()
    const at = options.get('at')
    const directory = String(options.get('policy'))
    const replay = replaying(await bundleOf(directory), typeof at === 'number' ? at : undefined)
    if (options.get('verify') === true) await verifyRecorded(terminal, given)
    await readRecorded(terminal, given, (record, place) => {
      if ('what' in record) replay.take(record, place)
      else replay.pass(record.at)
    })
    const result = replay.result()
    const format = REPLAY_FORMATS.find((one) => one === options.get('output')) ?? 'table'
    terminal.out(writeReplay(format, result, { directory, paint: terminal.paint }))
    return result.groups.some(isFlip) ? EXIT.no : EXIT.yes
  },
}

function moment(text: string): number {
  const instant = text === 'now' ? Date.now() : parseInstant(text)
  if (instant !== undefined) return instant
  throw new InvalidArgumentError('it is neither `now` nor a moment with its zone, such as `2027-01-31T00:00:00Z`')
}
