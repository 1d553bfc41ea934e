/** `kerbside policy what-can`: all that a team may do, place by place, and what is denied to it. */
import { Option } from 'commander'
import { printable } from '../../../core/audit/printable.ts'
import { KerbsideError } from '../../../core/errors.ts'
import type { Identity } from '../../../core/identity/identity.ts'
import { formatInstant } from '../../../core/instant.ts'
import { nearest } from '../../../core/nearest.ts'
import { type Holding, type Holdings, type Rule, whatCan } from '../../../core/policy/access/what-can.ts'
import { actionWords } from '../../../core/policy/access/words.ts'
import type { Bundle } from '../../../core/policy/bundle.ts'
import { type CliCommand, EXIT } from '../../command.ts'
import { type Terminal, table } from '../../terminal.ts'
import { identityOf, momentOf } from '../policies.ts'
import { DEFAULT_PATH, policyNamed, trustOption } from '../source.ts'
import { markdownTable } from './access-words.ts'

const FORMATS = ['table', 'json', 'markdown'] as const

const AFTER = `
A line speaks of a path and of all below it, as far as no line below says otherwise. What is not on a line is not allowed.
A line \`nothing\` says where what is around it ends, since another dataset begins there. A path marked
protected may not itself be deleted, renamed or re-permissioned, though what is below it may.

Exit codes: 0 something is allowed, 1 nothing is, 2 a command line that is not understood, 3 a policy that cannot be used.

Examples:
  kerbside policy what-can quant
  kerbside policy what-can --identity trading-backtest
  kerbside policy what-can quant git:main --output json`

export const policyWhatCan: CliCommand = {
  define: (command) =>
    trustOption(command)
      .argument('[team]', 'team, unless --identity is given')
      .argument('[directory]', 'policy folder, bundle or git revision', DEFAULT_PATH)
      .option('--identity <name>', 'one identity instead of a team; [team] is then the directory')
      .option('--at <time>', 'leave out what ended before, such as 2027-01-31T00:00:00Z; now if absent')
      .option('--with-shadow', 'as if grants in shadow were enforced')
      .addOption(new Option('--output <format>', 'how it is written').choices(FORMATS).default('table'))
      .addHelpText('after', AFTER),
  async run({ terminal, args: [first, second = DEFAULT_PATH], options }) {
    const from = momentOf(options)
    const name = options.get('identity')
    if (first === undefined && name === undefined) {
      throw new KerbsideError('bad-usage', 'neither a team nor `--identity` is given', { hint: 'such as `quant`' })
    }
    const directory = name === undefined ? second : (first ?? DEFAULT_PATH)
    const { bundle } = await policyNamed(directory, { terminal, options })
    const identities = name === undefined ? ofTeam(bundle, first ?? '') : [identityOf(bundle, String(name)).identity]
    const all = whatCan(bundle, identities, { from, withShadow: options.get('withShadow') === true })
    const rows = all.flatMap((holdings) => rowsOf(holdings, name))
    if (options.get('output') === 'json') {
      terminal.out(JSON.stringify(all.map(toJson), undefined, 2))
    } else if (options.get('output') === 'markdown') {
      terminal.out(
        markdownTable(
          HEAD,
          rows.map(({ cells }) => cells),
        ),
      )
    } else {
      for (const line of toTable(rows, terminal)) terminal.out(line)
      const shadow = bundle.mode === 'shadow' ? '; the policy is in shadow as a whole, so nothing is refused' : ''
      terminal.out(terminal.paint('dim', `\nfrom ${formatInstant(from)} on${shadow}`))
    }
    return all.some(({ places }) => places.some(({ allowed }) => allowed.length > 0)) ? EXIT.yes : EXIT.no
  },
}

function ofTeam({ identities }: Bundle, team: string): readonly Identity[] {
  const found = [...identities.values()].filter((identity) => identity.team === team)
  if (found.length > 0) return found
  const teams = [...new Set([...identities.values()].map((identity) => identity.team))]
  const near = nearest(team, teams)
  const hint = near === undefined ? `there are ${teams.join(', ')}` : `did you mean \`${near}\`?`
  throw new KerbsideError('bad-usage', `no identity is of team \`${team}\``, { hint })
}

type Row = { readonly kind: 'allow' | 'deny' | 'nothing'; readonly cells: readonly string[] }

const HEAD = ['WHO', 'DATASET', 'PATH', 'MAY', 'ACTIONS', 'WHEN', 'BY']

/** @param asked the identity that was asked for, which may speak for all of its team */
function rowsOf({ cluster, team, identity, places }: Holdings, asked: unknown): readonly Row[] {
  const who = asked === undefined ? (identity ?? team) : String(asked)
  if (places.length === 0) return [row('nothing', [who, `${cluster}: none`, '', 'nothing', '', '', ''])]
  return places.flatMap((place) => {
    const where = [who, `${cluster}: ${place.dataset}`, `${place.path}${place.isProtected ? ' (protected)' : ''}`]
    const { allowed, denied }: Holding = place
    if (allowed.length + denied.length === 0) return [row('nothing', [...where, 'nothing', '', '', ''])]
    return [
      ...allowed.map((rule) => row('allow', [...where, 'allow', ...saidBy(rule)])),
      ...denied.map((rule) => row('deny', [...where, 'deny', ...saidBy(rule)])),
    ]
  })
}

const row = (kind: Row['kind'], cells: readonly string[]): Row => ({
  kind,
  cells: cells.map((cell) => printable(cell)),
})

const saidBy = ({ actions, when, grants }: Rule): readonly string[] => [
  actionWords(actions),
  when,
  grants.map(({ name, at }) => `${name} (${at})`).join(', '),
]

function toTable(rows: readonly Row[], { paint }: Terminal): readonly string[] {
  const [head = '', ...lines] = table([HEAD, ...rows.map(({ cells }) => cells)])
  const colours = { allow: 'green', deny: 'red', nothing: 'dim' } as const
  return [paint('bold', head), ...lines.map((line, index) => paint(colours[rows[index]?.kind ?? 'nothing'], line))]
}

const toJson = ({ places, ...who }: Holdings): object => ({
  ...who,
  places: places.map(({ reach: _reach, ...place }) => place),
})
