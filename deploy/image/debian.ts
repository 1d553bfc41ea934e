/** Which Debian packages the files of the image come from, as dpkg on this machine has it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import type { Entry } from './tar.ts'

/** `version` as Debian writes it; `source` is the package that it was built from. */
export type DebianPackage = {
  readonly name: string
  readonly version: string
  readonly architecture: string
  readonly source: string
}

/** As dpkg calls them. */
const FIELDS = ['binary:Package', 'Version', 'Architecture', 'source:Package']

/** Each once, by name. @throws Error for a file that no package brought */
export function debianPackagesOf(files: readonly string[]): DebianPackage[] {
  const names = new Set<string>()
  const brought = ownersOf(files.flatMap(spellings))
  for (const file of files) {
    const name = spellings(file)
      .map((path) => brought.get(path))
      .find((found) => found !== undefined)
    if (name === undefined) throw new Error(`no Debian package brought \`${file}\``)
    names.add(name)
  }
  const format = FIELDS.map((field) => `$\{${field}}`).join('\\t')
  const lines = execFileSync('dpkg-query', ['-W', '-f', `${format}\\n`, ...names], { encoding: 'utf8' })
    .trim()
    .split('\n')
  return lines
    .map((line) => {
      const [name = '', version = '', architecture = '', source = ''] = line.split('\t')
      return { name: withoutArchitecture(name), version, architecture, source }
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** What Debian says of the licence of each; it must go where the files go. */
export function copyrightFiles(packages: readonly DebianPackage[]): Entry[] {
  return packages
    .map(({ name }) => `/usr/share/doc/${name}/copyright`)
    .filter((file) => existsSync(file))
    .map((file) => ({ path: file.slice(1), from: realpathSync(file) }))
}

/** dpkg knows a file by the path that its package has; `/lib` is a link to `/usr/lib`, and libraries are links to versions. */
function spellings(file: string): string[] {
  const both = [file, realpathSync(file)].map((path) => path.replace(/^\/usr(?=\/lib)/, ''))
  return both.flatMap((path) => (path.startsWith('/lib') ? [path, `/usr${path}`] : [path]))
}

/** From path to package. dpkg ends with 1 when a single path is nobody's. */
function ownersOf(paths: readonly string[]): Map<string, string> {
  const { stdout } = spawnSync('dpkg-query', ['-S', ...paths], { encoding: 'utf8' })
  return new Map(
    stdout
      .split('\n')
      .map((line) => line.split(': '))
      .map(([owners = '', path = '']) => [path, owners.split(', ')[0] ?? '']),
  )
}

const withoutArchitecture = (name: string): string => name.replace(/:.*$/, '')
