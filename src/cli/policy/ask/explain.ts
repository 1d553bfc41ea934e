/** `kerbside policy explain`: one operation, the decision, each demand behind it, and what to change for another one. */
import { Option } from 'commander'
import { KerbsideError } from '../../../core/errors.ts'
import { OPERATION_NAMES } from '../../../core/hdfs/operations.ts'
import { parsePath } from '../../../core/hdfs/path.ts'
import { formatInstant } from '../../../core/instant.ts'
import { nearest } from '../../../core/nearest.ts'
import { ACTIONS } from '../../../core/policy/action.ts'
import { remedy } from '../../../core/policy/answers/remedy.ts'
import type { Bundle } from '../../../core/policy/bundle.ts'
import { judge, judgeDemands, type Ruling } from '../../../core/policy/decision/judge.ts'
import type { PodContext } from '../../../core/policy/decision/pod-condition.ts'
import { type PolicyOver, policyOver } from '../../../core/policy/decision/policy-over.ts'
import { type CliCommand, EXIT, type Given } from '../../command.ts'
import { bundleOf, directoryArgument, identityOf, momentOf, required } from '../policies.ts'
import { describeEdits } from './explain-edits.ts'
import { explainTree } from './explain-tree.ts'

const AFTER = `
The pod is one of which nothing is known where --namespace and --pod-label do not say it: an allow that asks for something
then does not apply, and a deny does.

Exit codes: 0 allowed, 1 denied, 2 a command line that is not understood, 3 a policy that cannot be used.

Examples:
  kerbside policy explain --identity quant-research --operation OPEN --path /data/market/prices.parquet
  kerbside policy explain --identity quant-research --operation RENAME --path /team/quant/a --destination /team/quant/b
  kerbside policy explain --identity quant-research --action delete --subtree --path /team/quant --output json`

export const policyExplain: CliCommand = {
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
      .option(
        '--namespace <name>',
        'namespace of the pod; if absent it is not known, and no allow that asks for one applies',
      )
      .option(
        '--pod-label <key=value>',
        'label of the pod; may be given again',
        (one, before: readonly string[]) => [...before, one],
        [],
      )
      .addOption(new Option('--output <form>', 'how to print').choices(['tree', 'json']).default('tree'))
      .option('--at <time>', 'when it happens, such as 2027-01-31T00:00:00Z; now if absent')
      .addHelpText('after', AFTER)
  },
  async run(given) {
    const { terminal, args, options } = given
    const name = required(options, 'identity')
    const now = momentOf(options)
    const pod = podOf(options)
    const bundle = await bundleOf(args[0] ?? '')
    const { identity } = identityOf(bundle, name)
    const judgeIn = (edited: Bundle) => ask(policyOver(identityOf(edited, name, pod).slice), given, now)
    const ruling = judgeIn(bundle)
    const edits = ruling.effect === 'deny' && ruling.decisions.length > 0 ? remedy(bundle, identity, judgeIn) : []

    if (options.get('output') === 'json') {
      terminal.out(JSON.stringify({ identity: name, at: formatInstant(now), ...ruling, edits }, undefined, 2))
    } else {
      const asking = { identity, now, pod }
      const [head = '', ...tree] = explainTree(bundle, asking, ruling, terminal)
      terminal.out(head)
      const { namespace } = pod
      const from = namespace === undefined ? '' : `, in namespace ${namespace}`
      terminal.out(
        terminal.paint('dim', `  ${identity.name} of team ${identity.team}${from}, at ${formatInstant(now)}`),
      )
      for (const line of tree) terminal.out(`  ${line}`)
      if (edits === undefined || edits.length > 0)
        terminal.out(
          `\n${describeEdits(edits)
            .map((line) => `  ${line}`)
            .join('\n')}`,
        )
      terminal.out(terminal.paint('dim', `\n  bundle ${bundle.hash}`))
    }
    return ruling.effect === 'allow' ? EXIT.yes : EXIT.no
  },
}

/** What is known of the pod: only what is given. */
function podOf(options: ReadonlyMap<string, unknown>): PodContext {
  const namespace = options.get('namespace')
  const labels = options.get('podLabel')
  return {
    ...(typeof namespace === 'string' ? { namespace } : {}),
    ...(Array.isArray(labels) && labels.length > 0 ? { labels: parametersOf(labels, '--pod-label') } : {}),
  }
}

function ask(policy: PolicyOver, { options }: Given, now: number): Ruling {
  const path = absolute('path', required(options, 'path'))
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
      ...(destination === undefined ? {} : { destination: absolute('destination', String(destination)) }),
      parameters: parametersOf(options.get('parameter')),
    },
    now,
  )
}

/** What does not even begin as a path is a slip of whoever asks: no job could have sent it. */
function absolute(option: string, path: string): string {
  if (path.startsWith('/')) return path
  throw new KerbsideError('bad-usage', `\`--${option} ${path}\` does not begin with \`/\``)
}

function operationOf(given: string): string {
  const name = given.toUpperCase()
  if (OPERATION_NAMES.includes(name)) return name
  const near = nearest(name, OPERATION_NAMES)
  const hint = near === undefined ? 'operations are those of WebHDFS, such as OPEN' : `did you mean \`${near}\`?`
  throw new KerbsideError('bad-usage', `no operation is called \`${given}\``, { hint })
}

function parametersOf(given: unknown, option = '--parameter'): ReadonlyMap<string, string> {
  const pairs = Array.isArray(given) ? given.map(String) : []
  return new Map(
    pairs.map((pair) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? []
      if (name === undefined || value === undefined)
        throw new KerbsideError('bad-usage', `\`${option} ${pair}\` is not a name, \`=\` and a value`)
      return [name, value]
    }),
  )
}
