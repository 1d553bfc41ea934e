/** `kerbside inject`: manifests as admission would make them, without a cluster. The same function decides. */
import { Option } from 'commander'
import { printable } from '../../core/audit/printable.ts'
import { evaluate } from '../../core/identity/evaluate.ts'
import type { Json } from '../../core/identity/json.ts'
import { applyPatch, type PatchOperation, pointer } from '../../core/identity/json-patch.ts'
import {
  askingElsewhere,
  asksForIdentity,
  type PodTemplate,
  podTemplatesIn,
  replacedAt,
} from '../../core/identity/pod-template.ts'
import { type CliCommand, EXIT } from '../command.ts'
import type { Terminal } from '../terminal.ts'
import { diffOf } from '../text-diff.ts'
import { type ManifestDocument, manifestText, writtenAs } from './manifests.ts'
import { type World, worldOf, worldOptions } from './world.ts'

const AFTER = `
Pod templates are found by their shape, in objects of any kind: a Job, a PyTorchJob, a RayCluster. What asks for nothing is left as
it is, comments and all. Where the controller makes its pods of something else (SparkApplication, Workflow, TaskRun, Notebook),
that is said, and the webhook will do it.

--output patch writes JSON: for each pod template its object and a JSON Patch of that object.

Exit codes: 0 injected, 1 something is refused, and nothing is written, 2 a command line or manifest that is not understood,
3 a policy or an injection file that cannot be used.

Examples:
  kerbside inject -f train.yaml --injection injection.yaml
  kerbside inject -f train.yaml --injection injection.yaml --output diff
  kustomize build . | kerbside inject -f - --injection injection.yaml --ca ca.crt | kubectl apply -f -
  helm template . | kerbside inject -f - -n ml-quant --injection injection.yaml --ca ca.crt`

export const inject: CliCommand = {
  define(command) {
    worldOptions(command)
    command
      .addOption(new Option('--output <format>', 'what is written').choices(['yaml', 'diff', 'patch']).default('yaml'))
      .addHelpText('after', AFTER)
  },
  async run(given) {
    const { terminal, options } = given
    const world = await worldOf(given)
    const results = world.documents.map((document) => injected(document, world))
    for (const line of results.flatMap(({ lines }) => lines)) terminal.err(printable(line))
    if (results.some(({ isRefused }) => isRefused)) return EXIT.no
    if (!world.hasAuthority && results.some(({ patches }) => patches.length > 0)) terminal.err(NOT_TO_APPLY)
    const text = OUTPUTS[String(options.get('output')) as keyof typeof OUTPUTS](results, terminal)
    if (text !== '') terminal.out(text)
    return EXIT.yes
  },
}

const NOT_TO_APPLY =
  'to look at only: its sidecars trust nobody; --ca FILE gives them the authority of the installation'

type TemplatePatch = {
  readonly template: PodTemplate
  readonly namespace: string
  readonly patch: readonly PatchOperation[]
}
type Result = {
  readonly document: ManifestDocument
  readonly content: Json
  readonly patches: readonly TemplatePatch[]
  readonly lines: readonly string[]
  readonly isRefused: boolean
}

const OUTPUTS = {
  yaml: (results: readonly Result[]) =>
    results
      .map(({ document, content, patches }) => (patches.length === 0 ? document.text : writtenAs(content)))
      .map((text) => text.trimEnd())
      .join('\n---\n'),
  diff: (results: readonly Result[], terminal: Terminal) =>
    results
      .filter(({ patches }) => patches.length > 0)
      .map(({ document: { file, content: was }, content }) =>
        diffOf(file, manifestText([was]), writtenAs(content), terminal),
      )
      .join('\n'),
  patch: (results: readonly Result[]) => {
    const rows = results.flatMap(({ patches }) =>
      patches.map(({ template: { name, path }, namespace, patch }) => ({
        object: name,
        namespace,
        patch: patch.map((operation) => ({ ...operation, path: `${pointer(...path)}${operation.path}` })),
      })),
    )
    return JSON.stringify(rows, null, 2)
  },
} as const

function injected(document: ManifestDocument, world: World): Result {
  const asking = podTemplatesIn(document.content).filter(({ pod }) => asksForIdentity(pod))
  const judged = asking.map((template) => ({ template, ...admit(document, template, world) }))
  const changed = judged.filter(({ patch }) => patch !== undefined && patch.length > 0)
  return {
    document,
    content: changed.reduce<Json>(
      (content, { template: { path, pod }, patch }) => replacedAt(content, path, applyPatch(pod, patch ?? [])),
      document.content,
    ),
    patches: changed.map(({ template, namespace, patch }) => ({ template, namespace, patch: patch ?? [] })),
    lines: [
      ...judged.flatMap(({ lines }) => lines),
      ...askingElsewhere(document.content).map(
        (name) =>
          `${document.file}:${document.lineOf([])}: ${name}: note: its pods come from no template here; the webhook injects them`,
      ),
    ],
    isRefused: judged.some(({ patch }) => patch === undefined),
  }
}

function admit(document: ManifestDocument, template: PodTemplate, world: World) {
  const where = `${document.file}:${document.lineOf(template.path)}: ${template.name}`
  const about = { ...world.about(template), stage: 'mutate', operation: 'CREATE' } as const
  const verdict = evaluate({ ...about, pod: template.pod }, world.bundle, world.injectionFor(template.pod))
  if (verdict.effect === 'admit') {
    const lines = verdict.warnings.map((warning) => `${where}: warning: ${warning}`)
    return { namespace: about.namespace, patch: verdict.patch, lines }
  }
  const lines = verdict.denials.map(({ reason, message }) => `${where}: [${reason}] ${message}`)
  return { namespace: about.namespace, patch: undefined, lines }
}
