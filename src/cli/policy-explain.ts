/** `kerbside policy explain`: one operation, the decision, each demand behind it, and what to change for another one. */
import { Option } from 'commander'
import { printable } from '../core/audit/printable.ts'
import { KerbsideError } from '../core/errors.ts'
import { NOT_OFFERED, OFFERED } from '../core/hdfs/operations.ts'
import { parsePath } from '../core/hdfs/path.ts'
import { formatInstant, parseInstant } from '../core/instant.ts'
import { nearest } from '../core/nearest.ts'
import { ACTIONS } from '../core/policy/action.ts'
import { advise } from '../core/policy/advice.ts'
import type { Decision } from '../core/policy/decision.ts'
import { judge, judgeDemands, type Ruling } from '../core/policy/judge.ts'
import { type PolicyOver, policyOver } from '../core/policy/policy-over.ts'
import { REASONS } from '../core/reasons.ts'
import { type CliCommand, EXIT, type Given } from './command.ts'
import { bundleOf, directoryArgument, identityOf, required } from './policies.ts'
import { table } from './terminal.ts'

export const policyExplain: CliCommand = {
  group: 'policy',
  name: 'explain',
  summary: 'one operation: whether it is allowed (exit 0) or denied (exit 1), by which lines, and what to change',
  define(command) {
    directoryArgument(command)
    command
      .option('--identity <name>', 'identity that asks; required')
      .option('--path <path>', 'HDFS path, not encoded; required')
      .option('--operation <name>', 'WebHDFS operation, such as OPEN')
      .addOption(
        new Option('--action <name>', 'one action instead of an operation').choices(ACTIONS).conflicts('operation'),
      )
      .option('--subtree', 'with --action: on everything below, too')
      .option('--destination <path>', 'where RENAME moves to')
      .option(
        '--parameter <name=value>',
        'of the operation, such as recursive=true; may be given again',
        (one, before: readonly string[]) => [...before, one],
        [],
      )
      .option('--at <time>', 'when it happens, such as 2027-01-31T00:00:00Z; now if absent')
  },
  async run(given) {
    const { terminal, args, options } = given
    const name = required(options, 'identity')
    const now = timeOf(options.get('at'))
    const bundle = await bundleOf(args[0] ?? '')
    const { identity, slice } = identityOf(bundle, name)
    const ruling = ask(policyOver(slice), given, now)

    const colour = ruling.effect === 'allow' ? 'green' : 'red'
    terminal.out(`${terminal.paint(colour, ruling.effect)}  ${ruling.reason}: ${REASONS[ruling.reason]}`)
    terminal.out(terminal.paint('dim', `  ${identity.name} of team ${identity.team}, at ${formatInstant(now)}`))
    for (const line of table(ruling.decisions.map(row), '  ')) terminal.out(line)
    const refused = ruling.decisions.find(({ effect }) => effect === 'deny')
    const advice = refused === undefined ? [] : advise(bundle, identity, refused)
    if (advice.length > 0) terminal.out(`\n${advice.map((line) => `  ${printable(line)}`).join('\n')}`)
    terminal.out(terminal.paint('dim', `\n  bundle ${bundle.hash}`))
    return ruling.effect === 'allow' ? EXIT.yes : EXIT.no
  },
}

function ask(policy: PolicyOver, { options }: Given, now: number): Ruling {
  const path = required(options, 'path')
  const action = ACTIONS.find((known) => known === options.get('action'))
  if (action !== undefined) {
    const parsed = parsePath(path)
    if ('problem' in parsed) return { effect: 'deny', reason: parsed.problem, grants: [], decisions: [] }
    const scope = options.get('subtree') === true ? 'subtree' : 'this'
    return judgeDemands(policy, [{ action, path: parsed.path, scope }], now)
  }
  const operation = options.get('operation')
  if (operation === undefined) {
    throw new KerbsideError('bad-usage', 'neither `--operation` nor `--action` is given', {
      hint: 'such as `--operation OPEN`',
    })
  }
  const destination = options.get('destination')
  return judge(
    policy,
    {
      operation: operationOf(String(operation)),
      path,
      ...(destination === undefined ? {} : { destination: String(destination) }),
      parameters: parametersOf(options.get('parameter')),
    },
    now,
  )
}

function operationOf(given: string): string {
  const name = given.toUpperCase()
  const known = [...OFFERED.map((operation) => operation.name), ...Object.values(NOT_OFFERED).flat()]
  if (known.includes(name)) return name
  const near = nearest(name, known)
  const hint = near === undefined ? 'operations are those of WebHDFS, such as OPEN' : `did you mean \`${near}\`?`
  throw new KerbsideError('bad-usage', `no operation is called \`${given}\``, { hint })
}

function parametersOf(given: unknown): ReadonlyMap<string, string> {
  const pairs = Array.isArray(given) ? given.map(String) : []
  return new Map(
    pairs.map((pair) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
      if (name === undefined || value === undefined)
        throw new KerbsideError('bad-usage', `\`--parameter ${pair}\` is not a name, \`=\` and a value`)
      return [name, value]
    }),
  )
}

function timeOf(given: unknown): number {
  if (given === undefined) return Date.now()
  const instant = parseInstant(String(given))
  if (instant !== undefined) return instant
  throw new KerbsideError('bad-usage', `\`--at ${String(given)}\` is not a moment with its zone`, {
    hint: 'such as `2027-01-31T00:00:00Z`',
  })
}

function row({ demand, effect, reason, dataset, grants }: Decision): readonly string[] {
  const below = demand.scope === 'subtree' ? `${demand.path === '/' ? '' : demand.path}/**` : demand.path
  const by = grants.map(({ name, at }) => `${name} ${at}`).join(', ')
  return [effect, demand.action, printable(below), dataset === undefined ? '' : `in ${dataset}`, reason, by]
}
