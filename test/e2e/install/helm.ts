/** Helm in the lab: its answers, and the objects that the chart gives. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { parseAllDocuments, stringify } from 'yaml'
import { type JsonObject, objectAt } from '../../../src/core/identity/json.ts'
import { helmBinary } from '../../lab/build/helm.ts'
import { kubernetesFiles } from '../../lab/kubernetes-files.ts'
import { attach } from '../../lab/lab.ts'

export const ROOT = join(import.meta.dirname, '../../..')
export const CHART = join(ROOT, 'deploy/chart')
/** Of the manifests and of README's commands. */
export const NAMESPACE = 'kerbside'

const found = attach()
if (found === undefined) throw new Error('this runs inside a lab')
export const lab = found

export type Ran = { readonly code: number; readonly out: string; readonly err: string }

/** As the administrator of the lab's cluster; `input` is what `--values -` reads. Every exit code is an answer. */
export function helm(args: readonly string[], input = ''): Promise<Ran> {
  const home = join(lab.folder.path, 'helm')
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    KUBECONFIG: kubernetesFiles(lab.folder).kubeconfig('admin'),
    HELM_CACHE_HOME: home,
    HELM_CONFIG_HOME: home,
    HELM_DATA_HOME: home,
  }
  return new Promise((resolve) => {
    const child = execFile(helmBinary(lab.folder), [...args], { env, maxBuffer: 64 << 20 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err: withoutLinks(err) }),
    )
    child.stdin?.on('error', () => {}).end(input)
  })
}

/** Alerts and dashboard lie beside the chart, and Helm says each time that it follows a link. */
const withoutLinks = (said: string): string => said.replaceAll(/^level=INFO msg="found symbolic link.*\n/gm, '')

/** @throws Error with what Helm said */
export async function helmed(args: readonly string[], input = ''): Promise<string> {
  const { code, out, err } = await helm(args, input)
  if (code !== 0) throw new Error(`helm ${args.join(' ')} ended with ${code}: ${err}${out}`)
  return out
}

/** Values as Helm takes them by `--values -`. */
export const yamlOf = (values: object): string => stringify(values)

export const template = (values: object, namespace = NAMESPACE): Promise<Ran> =>
  helm(['template', 'kerbside', CHART, '--namespace', namespace, '--values', '-'], yamlOf(values))

/** What is rendered, by the template that it comes from, as it stands there: comments too. */
export function byTemplate(rendered: string): ReadonlyMap<string, readonly string[]> {
  const texts = new Map<string, string[]>()
  for (const part of rendered.split(/^---\n/m)) {
    const [, file = '', text = ''] = /^# Source: kerbside\/templates\/(\S+)\n([\s\S]*)$/.exec(part) ?? []
    if (file !== '') texts.set(file, [...(texts.get(file) ?? []), `${text.trimEnd()}\n`])
  }
  return texts
}

export const objectsIn = (rendered: string): JsonObject[] =>
  parseAllDocuments(rendered)
    .map((document) => document.toJS() as JsonObject | null)
    .filter((object) => object !== null)

export const nameOf = (object: JsonObject): string =>
  [object['kind'], objectAt(object, 'metadata')['namespace'], objectAt(object, 'metadata')['name']]
    .filter((part) => part !== undefined)
    .join('/')
