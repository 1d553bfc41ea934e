/** Everything in Kerbside's own image, and nothing else: one list for the lab's image and for the Containerfile. */
import { globSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { Image, Layer } from './archive.ts'
import { BILL_PATH, billOfMaterials } from './bill-of-materials.ts'
import { copyrightFiles, debianPackagesOf } from './debian.ts'
import { librariesFor, withLibraries } from './libraries.ts'
import { productionPackages, productionPlaces, queryEngine, queryEnginePlace } from './packages.ts'
import type { Entry } from './tar.ts'

/** No shell, no package tool and no compiler: who gets a foothold in the sidecar finds node, kinit and kvno. */
const PROGRAMS = ['/usr/bin/kinit', '/usr/bin/kvno']
/** The `kerberos` addon opens this by dlopen, so that `ldd` of the addon does not name it. */
const DLOPENED = 'libgssapi_krb5.so.2'
const UID = 65532

const TEXTS: Readonly<Record<string, string>> = {
  'etc/passwd': `root:x:0:0:root:/:/none\nkerbside:x:${UID}:${UID}:kerbside:/:/none\n`,
  'etc/group': `root:x:0:\nkerbside:x:${UID}:\n`,
  // Without `files` libkrb5 would ask DNS for names that the pod's hosts file has.
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
}

/** The lowest layer first: the base changes with a dependency, the program with every edit. */
export function productImage(name: string, root: string, layers: readonly Layer[]): Image {
  return { name, layers, ...productRuntime(root) }
}

/** How the image is run; the Containerfile says the same. */
export function productRuntime(root: string): Required<Omit<Image, 'name' | 'layers'>> {
  return {
    entrypoint: ['/kerbside/bin/node', join('/kerbside', manifestOf(root).bin.kerbside)],
    env: ['NODE_ENV=production', 'PATH=/kerbside/bin:/usr/bin'],
    user: `${UID}:${UID}`,
    workdir: '/kerbside',
  }
}

/** Node (the one that runs this), the packages that we need, and Kerberos. `root` is a checkout with its node_modules. */
export function baseEntries(root: string): Entry[] {
  return [
    { path: 'kerbside/bin/node', from: realpathSync(process.execPath), mode: 0o755 },
    ...productionPackages(root),
    ...systemEntries(root),
    ...Object.entries(TEXTS).map(([path, content]) => ({ path, content })),
    { path: 'tmp', folder: true },
  ]
}

/** What Debian made of it. */
export function systemEntries(root: string): Entry[] {
  const addon = join(root, 'node_modules/kerberos/build/Release/kerberos.node')
  return [
    ...librariesFor(realpathSync(process.execPath), addon),
    ...withLibraries(...PROGRAMS, systemLibrary(DLOPENED), ...preauthPlugins()),
  ]
}

/** One layer more, for whoever asks records by the million: DuckDB, and the bill of materials with it. */
export const queryEntries = (root: string): Entry[] => [
  ...queryEngine(root),
  billEntry(root, [...productionPlaces(root), queryEnginePlace()]),
]

/**
 * What is said about all of that: the bill of materials, and the licences of what Debian made. In every image that is shipped; the
 * lab, which packs one at each start, goes without.
 */
export const paperEntries = (root: string): Entry[] => [
  ...copyrightFiles(debianPackages(root)),
  billEntry(root, productionPlaces(root)),
]

const billEntry = (root: string, places: readonly string[]): Entry => ({
  path: BILL_PATH,
  content: billOfMaterials({ root, places, debian: debianPackages(root) }),
})

const debianPackages = (root: string) => debianPackagesOf(systemEntries(root).map(({ path }) => `/${path}`))

/** `bundled` is the folder that {@link bundle} wrote. */
export function programEntries(root: string, bundled: string): Entry[] {
  const files = globSync('**/*.{js,map}', { cwd: bundled })
  // What `kerbside render` prints.
  const manifests = globSync('deploy/manifests/*.yaml', { cwd: root }).sort()
  return [
    { path: 'kerbside/package.json', from: join(root, 'package.json') },
    { path: 'kerbside/bin/kerbside', content: commandOf(root), mode: 0o755 },
    ...manifests.map((file) => ({ path: `kerbside/${file}`, from: join(root, file) })),
    ...files.map((file) => ({ path: `kerbside/dist/${file}`, from: join(bundled, file) })),
  ]
}

/** So that `kubectl exec … -- kerbside doctor` finds it: there is no shell, and no `env` for a shebang. */
const commandOf = (root: string): string =>
  `#!/kerbside/bin/node\nimport '${join('/kerbside', manifestOf(root).bin.kerbside)}'\n`

/** libkrb5 loads pre-authentication from here; without SPAKE a KDC that insists on it refuses us. */
function preauthPlugins(): string[] {
  return globSync('/usr/lib/*-linux-gnu/krb5/plugins/preauth/spake.so')
}

function systemLibrary(name: string): string {
  const [found] = globSync(`/lib/*-linux-gnu/${name}`)
  if (found === undefined) throw new Error(`no \`${name}\` on this machine\ninstall the package libgssapi-krb5-2`)
  return found
}

/** The version that the image is tagged with outside the lab. */
export const productVersion = (root: string): string => manifestOf(root).version

type Manifest = { readonly version: string; readonly bin: { readonly kerbside: string } }

function manifestOf(root: string): Manifest {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
}
