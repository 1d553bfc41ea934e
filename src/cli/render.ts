/** `kerbside render`: the manifests of an installation as one text, for `kubectl apply` or a repository. The same every time. */
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Option } from 'commander'
import { stringify } from 'yaml'
import { KerbsideError } from '../core/errors.ts'
import { readInjectionFile } from '../io/injection-file.ts'
import { readPolicyFiles } from '../io/policy/files.ts'
import { type CliCommand, EXIT } from './command.ts'
import { bundleOf, required } from './policy/policies.ts'

const AFTER = `
What deploy/manifests holds, with the image of the injection file, and the ConfigMaps that it asks for. Nothing in it is made up on the
way, no certificate among it, so that two runs give the same bytes: webhooks and broker make their certificates where they run.
With --only configuration it is the namespace and those ConfigMaps: the chart in deploy/chart installs the rest.

Exit codes: 0 written, 2 a command line that is not understood, 3 a policy or an injection file that cannot be used.

Examples:
  kerbside render --injection injection.yaml --policy policies | kubectl apply -f -
  kerbside render --injection injection.yaml > clusters/ml/kerbside.yaml
  kerbside render --only configuration --injection injection.yaml | kubectl apply -f -`

/** The image that the manifests name. */
const PLACEHOLDER = /\bimage: kerbside:dev$/gm
/** Of the manifests; the chart takes any other. */
const OWN_NAMESPACE = 'kerbside'
/** etcd takes 1.5 MiB, and `kubectl apply` writes a ConfigMap down twice. */
const LARGEST_BYTES = 700 * 1024

export const render: CliCommand = {
  define(command) {
    command
      .option('--injection <file>', 'what the operator injects; required')
      .option('--policy <directory>', 'policy directory', 'policies')
      .addOption(new Option('--only <part>', 'this part alone').choices(['configuration']))
      .option('--namespace <name>', 'with --only, namespace that the chart is installed into', OWN_NAMESPACE)
      .addHelpText('after', AFTER)
  },
  async run({ terminal, options }) {
    const file = required(options, 'injection')
    const directory = String(options.get('policy'))
    const namespace = namespaceIn(options)
    const { image } = await readInjectionFile(file)
    await bundleOf(directory)
    const configuration = [
      configMap('kerbside-policies', { namespace, data: await policyIn(directory) }),
      configMap('kerbside-injection', { namespace, data: { 'injection.yaml': await readFile(file, 'utf8') } }),
    ]
    const [first = '', ...others] = (await manifests()).map((text) => text.replace(PLACEHOLDER, `image: ${image}`))
    const texts = options.has('only')
      ? [first.replace(`name: ${OWN_NAMESPACE}`, `name: ${namespace}`), ...configuration]
      : [first, ...configuration, ...others]
    terminal.out(texts.map((text) => text.trimEnd()).join('\n---\n'))
    return EXIT.yes
  },
}

function namespaceIn(options: ReadonlyMap<string, unknown>): string {
  const namespace = String(options.get('namespace'))
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) {
    throw new KerbsideError('bad-usage', `\`${namespace}\` is no name of a namespace`)
  }
  if (namespace === OWN_NAMESPACE || options.has('only')) return namespace
  throw new KerbsideError('bad-usage', `the manifests are for the namespace \`${OWN_NAMESPACE}\``, {
    hint: 'deploy/chart installs into any other; give --only configuration beside it',
  })
}

/** In the order in which they are applied, which is that of their names. */
export async function manifests(): Promise<readonly string[]> {
  const folder = join(await rootOf(import.meta.dirname), 'deploy/manifests')
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new KerbsideError('io-failed', `there are no manifests in \`${folder}\``, { cause })
  })
  const files = names.filter((name) => /^\d.*\.yaml$/.test(name)).sort()
  return Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))
}

/** This file is compiled into a folder of another depth. */
async function rootOf(folder: string): Promise<string> {
  const isRoot = (await readdir(folder)).includes('package.json')
  return isRoot || dirname(folder) === folder ? folder : rootOf(dirname(folder))
}

/** A ConfigMap has no folders: `quant/grants.yaml` becomes `quant.grants.yaml`. */
async function policyIn(directory: string): Promise<Record<string, string>> {
  const data: Record<string, string> = {}
  let size = 0
  for (const file of await readPolicyFiles(directory)) {
    const key = file.name.replaceAll('/', '.')
    if ('problem' in file) throw new KerbsideError('bad-policy', `\`${file.name}\` ${file.problem}`)
    if (Object.hasOwn(data, key)) throw new KerbsideError('bad-policy', `two files would be called \`${key}\``)
    if (!/^[\w.-]+$/.test(key)) throw new KerbsideError('bad-policy', `\`${file.name}\` is no name in a ConfigMap`)
    data[key] = file.bytes.toString()
    size += file.bytes.length
  }
  if (size <= LARGEST_BYTES) return data
  throw new KerbsideError('bad-policy', `the policy has ${size} bytes, too many for a ConfigMap`, {
    hint: 'build a signed bundle and mount it from a volume',
  })
}

type Content = { readonly namespace: string; readonly data: Readonly<Record<string, string>> }

const configMap = (name: string, { namespace, data }: Content): string =>
  stringify(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data },
    { lineWidth: 0, version: '1.1' },
  )
