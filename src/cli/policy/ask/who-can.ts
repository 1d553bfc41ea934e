/** `kerbside policy who-can`: everyone who may do one thing to one path, by which lines, and under which conditions. */
import { Argument, Option } from 'commander'
import { printable } from '../../../core/audit/printable.ts'
import { KerbsideError } from '../../../core/errors.ts'
import { parsePath } from '../../../core/hdfs/path.ts'
import { formatInstant } from '../../../core/instant.ts'
import { nearest } from '../../../core/nearest.ts'
import { type Standing, type Who, whoCan } from '../../../core/policy/access/who-can.ts'
import { ACTIONS, type Action } from '../../../core/policy/action.ts'
import type { Bundle } from '../../../core/policy/bundle.ts'
import { REASONS } from '../../../core/reasons.ts'
import { type CliCommand, EXIT } from '../../command.ts'
import { type Colour, type Terminal, table } from '../../terminal.ts'
import { momentOf } from '../policies.ts'
import { DEFAULT_PATH, policyNamed, trustOption } from '../source.ts'
import { markdownTable } from './access-words.ts'

const FORMATS = ['table', 'json', 'markdown'] as const

const AFTER = `
The answer is complete: whoever is not in it may not, from then on, at no hour and from no pod. A line says

  yes        any pod of it, at that moment
  some pods  some pods of it at that moment: the conditions say which
  later      no pod at that moment, but some at another: the conditions say when

Roots of protected datasets may be deleted, renamed or re-permissioned by nobody. Directories that lead to what somebody
is granted may be looked at, which the column BY says.

Exit codes: 0 somebody may, 1 nobody may, 2 a command line that is not understood, 3 a policy that cannot be used.

Examples:
  kerbside policy who-can read /data/market/2026/prices.parquet
  kerbside policy who-can delete /team/quant --subtree
  kerbside policy who-can read /data/orders-history --at 2027-01-31T22:00:00Z --output json`

export const policyWhoCan: CliCommand = {
  define: (command) =>
    trustOption(command)
      .addArgument(new Argument('<action>', 'what is done').choices(ACTIONS))
      .argument('<path>', 'HDFS path, not encoded')
      .argument('[directory]', 'policy folder, bundle or git revision', DEFAULT_PATH)
      .option('--subtree', 'on the path and everything below it')
      .option('--at <time>', 'the moment meant, such as 2027-01-31T00:00:00Z; now if absent')
      .option('--cluster <name>', 'in this cluster only')
      .option('--with-shadow', 'as if grants in shadow were enforced')
      .addOption(new Option('--output <format>', 'how it is written').choices(FORMATS).default('table'))
      .addHelpText('after', AFTER),
  async run({ terminal, args: [word = '', text = '', directory = ''], options }) {
    const action = word as Action
    const at = momentOf(options)
    const parsed = parsePath(text)
    if ('problem' in parsed) {
      throw new KerbsideError('bad-usage', `nobody may do anything to \`${text}\`: ${REASONS[parsed.problem]}`)
    }
    const { bundle } = await policyNamed(directory, { terminal, options })
    const cluster = clusterOf(bundle, options.get('cluster'))
    const scope = options.get('subtree') === true ? 'subtree' : 'this'
    const withShadow = options.get('withShadow') === true
    const who = whoCan(bundle, action, parsed.path, {
      at,
      scope,
      withShadow,
      ...(cluster === undefined ? {} : { cluster }),
    })
    const what = `${action} ${printable(parsed.path)}${scope === 'subtree' ? ' and all below it' : ''}`
    if (options.get('output') === 'json') {
      terminal.out(JSON.stringify({ action, path: parsed.path, scope, at: formatInstant(at), who }, undefined, 2))
    } else if (who.length === 0) {
      terminal.out(`nobody may ${what}`)
    } else if (options.get('output') === 'markdown') {
      terminal.out(markdownTable(HEAD, who.map(cellsOf)))
    } else {
      for (const line of toTable(who, terminal)) terminal.out(line)
      terminal.out(terminal.paint('dim', `\n${what}, at ${formatInstant(at)}${bundle.mode === 'shadow' ? SHADOW : ''}`))
    }
    return who.length === 0 ? EXIT.no : EXIT.yes
  },
}

const SHADOW = '; the policy is in shadow as a whole, so nobody is refused'
const HEAD = ['MAY', 'TEAM', 'IDENTITY', 'DATASET', 'WHEN', 'BY']
const WORDS: Readonly<Record<Standing, string>> = { now: 'yes', 'some-pods': 'some pods', later: 'later' }
const COLOURS: Readonly<Record<Standing, Colour>> = { now: 'green', 'some-pods': 'yellow', later: 'dim' }

function toTable(who: readonly Who[], { paint }: Terminal): readonly string[] {
  const [head = '', ...rows] = table([HEAD, ...who.map(cellsOf)])
  return [paint('bold', head), ...rows.map((row, index) => paint(COLOURS[who[index]?.standing ?? 'later'], row))]
}

function cellsOf({ standing, team, identity, cluster, dataset, when, by, allows, denies }: Who): readonly string[] {
  const named = (grants: Who['allows']) => grants.map(({ name, at }) => `${name} (${at})`).join(', ')
  const leads = by === 'ancestor' ? 'leads to ' : ''
  const except = denies.length === 0 ? '' : `, except deny ${named(denies)}`
  const where = dataset === undefined ? `${cluster}: none` : `${cluster}: ${dataset}`
  return [WORDS[standing], team, identity ?? 'all', where, when, `${leads}${named(allows)}${except}`].map((text) =>
    printable(text),
  )
}

function clusterOf({ clusters }: Bundle, given: unknown): string | undefined {
  if (given === undefined || clusters.has(String(given))) return given === undefined ? undefined : String(given)
  const near = nearest(String(given), clusters.keys())
  const hint = near === undefined ? `there are ${[...clusters.keys()].join(', ')}` : `did you mean \`${near}\`?`
  throw new KerbsideError('bad-usage', `no cluster is called \`${String(given)}\``, { hint })
}
