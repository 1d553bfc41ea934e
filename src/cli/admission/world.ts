/** What the commands about pods ask alike: which manifests, by which policy, for which installation, in which namespaces. */
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { KerbsideError } from '../../core/errors.ts'
import type { Admission } from '../../core/identity/admission.ts'
import { type Injection, type InjectionFile, toInjection } from '../../core/identity/injection.ts'
import { type JsonObject, member, objectAt, objectsAt, textAt } from '../../core/identity/json.ts'
import type { PodTemplate } from '../../core/identity/pod-template.ts'
import { SIDECAR_NAME } from '../../core/identity/sidecar-container.ts'
import { USER_RANGE_ANNOTATION } from '../../core/identity/sidecar-user.ts'
import type { Bundle } from '../../core/policy/bundle.ts'
import { readInjectionFile } from '../../io/injection-file.ts'
import type { Given } from '../command.ts'
import { required } from '../policy/policies.ts'
import { DEFAULT_PATH, policyNamed, trustOption } from '../policy/source.ts'
import { type ManifestDocument, readManifests } from './manifests.ts'

/** Stands where the authority of an installation would; nothing is signed by it. */
export const NO_AUTHORITY = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'

export type World = {
  readonly documents: readonly ManifestDocument[]
  readonly bundle: Bundle
  /** With the authority of the command line, or that which the pod's sidecar holds, or one that is none. */
  readonly injectionFor: (pod: JsonObject) => Injection
  /** What the request of the API server would say beside the pod. */
  readonly about: (template: PodTemplate) => Pick<Admission, 'namespace' | 'namespaceLabels' | 'userRange'>
  readonly hasAuthority: boolean
}

const collected = (given: string, before: readonly string[] | undefined) => [...(before ?? []), given]

export function worldOptions(command: Command): void {
  command
    .option(
      '-f, --filename <file>',
      'manifests: a file, a folder, or `-` for standard input; repeat for more',
      collected,
    )
    .option('--policy <policy>', 'a folder, a bundle, or a git revision', DEFAULT_PATH)
    .option('--injection <file>', 'what the operator injects; required')
    .option('--ca <file>', 'authority of the installation in PEM, as the caBundle of its webhooks has it')
    .option('-n, --namespace <name>', 'namespace of objects that name none', 'default')
    .option(
      '--namespace-label <key=value>',
      'a label of the namespaces that are not in the manifests; repeat for more',
      collected,
    )
    .option('--namespace-annotation <key=value>', 'the same for an annotation', collected)
  trustOption(command)
}

export async function worldOf(given: Given): Promise<World> {
  const { options } = given
  const file = await readInjectionFile(required(options, 'injection'))
  const ca = options.get('ca') === undefined ? undefined : await authorityIn(String(options.get('ca')))
  const sources = options.get('filename') as readonly string[] | undefined
  if (sources === undefined)
    throw new KerbsideError('bad-usage', '`-f` is not given', { hint: '`-f -` reads standard input' })
  const documents = await readManifests(sources)
  const { bundle } = await policyNamed(String(options.get('policy')), given)
  const namespaces = namespacesOf(documents, options)
  const fallback = String(options.get('namespace'))
  return {
    documents,
    bundle,
    injectionFor: (pod) => toInjection(file, ca ?? ownAuthority(heldAuthority(pod), file)),
    about: ({ namespace = fallback }) => ({ namespace, ...namespaces(namespace) }),
    hasAuthority: ca !== undefined,
  }
}

async function authorityIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new KerbsideError('bad-usage', `\`${file}\` cannot be read`, { cause })
  })
  if (text.includes('-----BEGIN CERTIFICATE-----') && !text.includes('PRIVATE KEY')) return text
  throw new KerbsideError('bad-usage', `\`${file}\` holds no certificate, or a key beside it`)
}

/** The certificates that a sidecar was given begin with the installation's own; those of the operator's file follow. */
function ownAuthority(held: string | undefined, { authorities = '' }: InjectionFile): string {
  if (held === undefined) return NO_AUTHORITY
  return authorities !== '' && held.endsWith(`\n${authorities}`) ? held.slice(0, -authorities.length) : held
}

function heldAuthority(pod: JsonObject): string | undefined {
  const sidecar = objectsAt(objectAt(pod, 'spec'), 'initContainers').find(({ name }) => name === SIDECAR_NAME)
  const variable =
    sidecar === undefined ? undefined : objectsAt(sidecar, 'env').find(({ name }) => name === 'KERBSIDE_CA')
  const value = variable === undefined ? undefined : textAt(variable, 'value')
  return value?.startsWith('-----BEGIN CERTIFICATE-----') ? value : undefined
}

type Known = Pick<Admission, 'namespaceLabels' | 'userRange'>

/** A Namespace among the manifests says what it is; of any other, the command line does. */
function namespacesOf(documents: readonly ManifestDocument[], options: Given['options']): (name: string) => Known {
  const labels = pairsOf(options, 'namespaceLabel')
  const given: Known = {
    ...(labels === undefined ? {} : { namespaceLabels: labels }),
    userRange: pairsOf(options, 'namespaceAnnotation')?.get(USER_RANGE_ANNOTATION),
  }
  const inManifests = new Map(
    documents
      .filter(({ content }) => member(content, 'kind') === 'Namespace')
      .map(({ content }) => objectAt(content, 'metadata'))
      .map((metadata) => [textAt(metadata, 'name') ?? '', knownIn(metadata)]),
  )
  return (name) => inManifests.get(name) ?? given
}

function knownIn(metadata: JsonObject): Known {
  const labels = objectAt(metadata, 'labels')
  return {
    namespaceLabels: new Map(Object.keys(labels).map((key) => [key, textAt(labels, key) ?? ''])),
    userRange: textAt(objectAt(metadata, 'annotations'), USER_RANGE_ANNOTATION),
  }
}

function pairsOf(options: Given['options'], name: 'namespaceLabel' | 'namespaceAnnotation') {
  const given = options.get(name) as readonly string[] | undefined
  const flag = name === 'namespaceLabel' ? '--namespace-label' : '--namespace-annotation'
  const what = name === 'namespaceLabel' ? 'label' : 'annotation'
  return given === undefined
    ? undefined
    : new Map(
        given.map((text) => {
          const [, key, value] = /^([^=\s]+)=(\S*)$/.exec(text) ?? []
          if (key !== undefined && value !== undefined) return [key, value]
          throw new KerbsideError('bad-usage', `\`${text}\` is no ${what}`, { hint: `write \`${flag} KEY=VALUE\`` })
        }),
      )
}
