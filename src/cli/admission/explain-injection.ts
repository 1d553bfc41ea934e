/** `kerbside explain-injection`: why a pod was, or was not, given a sidecar, rule by rule. */
import { printable } from '../../core/audit/printable.ts'
import { explainInjection, type InjectionStory } from '../../core/identity/explain-injection.ts'
import { objectAt, textAt } from '../../core/identity/json.ts'
import { type PodTemplate, podTemplatesIn } from '../../core/identity/pod-template.ts'
import { type CliCommand, EXIT } from '../command.ts'
import { type Terminal, table } from '../terminal.ts'
import { worldOf, worldOptions } from './world.ts'

const AFTER = `
Reads a pod as \`kubectl get pod NAME -o yaml\` prints it, or any manifest. A rule that is kept is told with what it guards against, one
that is not with what to change.

Exit codes: 0 every pod has its sidecar, or would get it, 1 one has none and gets none, 2 a command line or manifest that is not
understood, 3 a policy or an injection file that cannot be used.

Example:
  kubectl -n ml-quant get pod train -o yaml | kerbside explain-injection -f - --injection injection.yaml`

export const explain: CliCommand = {
  define(command) {
    worldOptions(command)
    command.addHelpText('after', AFTER)
  },
  async run(given) {
    const world = await worldOf(given)
    const stories = world.documents.flatMap(({ content }) =>
      podTemplatesIn(content).map((template) => ({
        template,
        namespace: world.about(template).namespace,
        story: explainInjection(
          { ...world.about(template), pod: template.pod },
          world.bundle,
          world.injectionFor(template.pod),
        ),
      })),
    )
    for (const { template, namespace, story } of stories) tell(given.terminal, { template, namespace, story })
    if (stories.length === 0) given.terminal.err('there is no pod in it')
    return stories.length > 0 && stories.every(({ story: { state } }) => state === 'ready' || state === 'pending')
      ? EXIT.yes
      : EXIT.no
  },
}

const SENTENCES: Readonly<Record<InjectionStory['state'], string>> = {
  'not-asked': 'not injected: it has no label kerbside.io/identity, so the webhook was not asked',
  ready: 'injected: the sidecar in it is ours',
  pending: 'no sidecar in it; created now, it would get one',
  refused: 'refused: not every rule is kept',
}

/** Of a pod that lives: why it has none, though it would be given one today. */
const CAME_LATE = 'it was created before its label, before the installation, or past it; create it anew'

type Told = { readonly template: PodTemplate; readonly namespace: string; readonly story: InjectionStory }

function tell({ out, paint }: Terminal, { template, namespace, story }: Told): void {
  const { state, identity, rules, warnings } = story
  const colour = state === 'ready' ? 'green' : state === 'refused' ? 'red' : 'yellow'
  out(printable(`${template.name} in ${namespace}${identity === undefined ? '' : `, as ${identity}`}`))
  out(`  ${paint(colour, SENTENCES[state])}`)
  const isLive = textAt(objectAt(template.pod, 'metadata'), 'uid') !== undefined
  if (state === 'pending' && isLive) out(`  ${CAME_LATE}`)
  const rows = rules.flatMap(({ reason, isKept, told }) =>
    told.map((line) => [isKept ? 'yes' : 'NO', reason, printable(line)]),
  )
  for (const [index, row] of table(rows, '  ').entries()) {
    out(rows[index]?.[0] === 'NO' ? paint('red', row) : paint('dim', row))
  }
  for (const warning of warnings) out(`  ${paint('yellow', 'warning')}  ${printable(warning)}`)
}
