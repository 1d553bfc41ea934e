/** `kerbside inject`: what admission would make of the pods in a manifest, without a cluster. The same function decides. */
import { readFile } from 'node:fs/promises'
import { parseAllDocuments, stringify } from 'yaml'
import { KerbsideError } from '../core/errors.ts'
import { IDENTITY_LABEL } from '../core/identity/admission.ts'
import { evaluate } from '../core/identity/evaluate.ts'
import { type Injection, toInjection } from '../core/identity/injection.ts'
import { asObject, type JsonObject, objectAt } from '../core/identity/json.ts'
import { applyPatch } from '../core/identity/json-patch.ts'
import { type PodTemplate, podTemplateOf } from '../core/identity/pod-template.ts'
import type { Bundle } from '../core/policy/bundle.ts'
import type { Labels } from '../core/policy/decision/selector.ts'
import { readInjectionFile } from '../io/injection-file.ts'
import { type CliCommand, EXIT } from './command.ts'
import { bundleOf, required } from './policy/policies.ts'

/** The real one is the cluster's; the webhook writes it in. */
const NO_CA = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'

export const inject: CliCommand = {
  define(command) {
    command
      .argument('<file>', 'manifest in YAML; `-` for standard input')
      .option('--injection <file>', 'what the operator injects; required')
      .option('--policies <directory>', 'policy directory', 'policies')
      .option('--namespace <name>', 'namespace of objects that name none', 'default')
      .option(
        '--namespace-label <key=value>',
        'a label of the namespace; repeat for more; without any, they count as not known',
        (given: string, before: readonly string[] | undefined) => [...(before ?? []), given],
      )
  },
  async run({ terminal, args: [file = ''], options }) {
    const injection = toInjection(await readInjectionFile(required(options, 'injection')), NO_CA)
    const bundle = await bundleOf(String(options.get('policies')))
    const labels = readLabels(options.get('namespaceLabel') as readonly string[] | undefined)
    const world = { bundle, injection, namespace: String(options.get('namespace')), labels }
    const objects = await readManifest(file)
    let code: typeof EXIT.yes | typeof EXIT.no = EXIT.yes
    const injected = objects.map((object) => {
      const template = podTemplateOf(object)
      if (template === undefined || !asksForIdentity(template.pod)) return object
      const outcome = admit(template, world)
      for (const line of outcome.lines) terminal.err(line)
      if (outcome.pod === undefined) code = EXIT.no
      return outcome.pod === undefined ? object : template.withPod(outcome.pod)
    })
    if (code === EXIT.yes) terminal.out(injected.map((object) => stringify(object).trimEnd()).join('\n---\n'))
    return code
  },
}

type World = {
  readonly bundle: Bundle
  readonly injection: Injection
  readonly namespace: string
  /** Of the namespace; unknown when none was given. */
  readonly labels: Labels | undefined
}
type Outcome = { readonly pod: JsonObject | undefined; readonly lines: readonly string[] }

function admit({ name, namespace, pod }: PodTemplate, world: World): Outcome {
  const known = world.labels === undefined ? {} : { namespaceLabels: world.labels }
  const about = { namespace: namespace ?? world.namespace, ...known, stage: 'mutate', operation: 'CREATE' } as const
  const verdict = evaluate({ ...about, pod }, world.bundle, world.injection)
  if (verdict.effect === 'deny') {
    return { pod: undefined, lines: verdict.denials.map(({ reason, message }) => `${name}: [${reason}] ${message}`) }
  }
  const patched = asObject(applyPatch(pod, verdict.patch), name)
  return { pod: patched, lines: verdict.warnings.map((warning) => `${name}: warning: ${warning}`) }
}

function readLabels(given: readonly string[] | undefined): Labels | undefined {
  if (given === undefined) return undefined
  return new Map(
    given.map((text) => {
      const [, key, value] = /^([^=\s]+)=(\S*)$/.exec(text) ?? []
      if (key !== undefined && value !== undefined) return [key, value]
      throw new KerbsideError('bad-usage', `\`${text}\` is no label`, { hint: 'write `--namespace-label KEY=VALUE`' })
    }),
  )
}

const asksForIdentity = (pod: JsonObject): boolean =>
  Object.hasOwn(objectAt(objectAt(pod, 'metadata'), 'labels'), IDENTITY_LABEL)

async function readManifest(file: string): Promise<readonly JsonObject[]> {
  const documents = parseAllDocuments(await textOf(file))
  return (Array.isArray(documents) ? documents : []).flatMap((document) => {
    const [error] = document.errors
    if (error !== undefined) throw new KerbsideError('bad-usage', `\`${file}\`: ${error.message.split('\n')[0]}`)
    const content: unknown = document.toJS()
    return content === null ? [] : [asObject(content, file)]
  })
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8')
  } catch (cause) {
    throw new KerbsideError('bad-usage', `\`${file}\` cannot be read`, { cause })
  }
}
