/** Says what the image is made of, as CycloneDX has it: node, npm packages by the lock file, Debian packages by dpkg. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library'
import { PackageURL } from 'packageurl-js'
import type { DebianPackage } from './debian.ts'
import { type Locked, lockedPackages, nameOf } from './packages.ts'

/** Where scanners of images look for it. */
export const BILL_PATH = 'usr/share/sbom/kerbside.cdx.json'

export type Materials = {
  /** A checkout with its lock file. */
  readonly root: string
  /** `node_modules/a/node_modules/b`. */
  readonly places: readonly string[]
  readonly debian: readonly DebianPackage[]
}

/** JSON; without a date or a number of its own, so that the same materials give the same bytes. */
export function billOfMaterials({ root, places, debian }: Materials): string {
  const product = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string; license: string }
  const bom = new Models.Bom()
  bom.metadata.component = componentOf({
    type: Enums.ComponentType.Container,
    name: 'kerbside',
    version: product.version,
    purl: new PackageURL('generic', undefined, 'kerbside', product.version),
    license: product.license,
  })
  const version = process.version.slice(1)
  const purl = new PackageURL('generic', undefined, 'node', version)
  bom.components.add(
    componentOf({ type: Enums.ComponentType.Application, name: 'node', version, purl, license: 'MIT' }),
  )
  const locked = lockedPackages(root)
  for (const place of places) bom.components.add(npmComponent(place, locked.get(place) ?? {}))
  for (const found of debian) bom.components.add(debianComponent(found))
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6))
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`
}

type Described = {
  readonly type?: Enums.ComponentType
  readonly name: string
  readonly version: string
  readonly purl: PackageURL
  readonly license?: string | undefined
  /** Where one package of the same version lies at several places; otherwise its URL tells it from all others. */
  readonly place?: string
}

function componentOf({
  type = Enums.ComponentType.Library,
  purl: url,
  license,
  ...about
}: Described): Models.Component {
  const { name, version, place } = about
  const purl = url.toString()
  const component = new Models.Component(type, name, { version, purl, bomRef: place ?? purl })
  if (license !== undefined) component.licenses.add(LICENSES.makeFromString(license))
  return component
}

/** One licence is told by its SPDX name; only what joins several is an expression. */
const LICENSES = new Contrib.License.Factories.LicenseFactory((text) => {
  if (!/ (AND|OR|WITH) /.test(text)) throw new RangeError('one licence')
})

function npmComponent(place: string, { version = '', license, integrity }: Locked): Models.Component {
  const name = nameOf(place)
  const [scope, ownName = ''] = name.startsWith('@') ? name.split('/') : [undefined, name]
  const purl = new PackageURL('npm', scope, ownName, version)
  const component = componentOf({ name, version, purl, license, place })
  const sha512 = /^sha512-(\S+)$/.exec(integrity ?? '')?.[1]
  if (sha512 !== undefined) {
    component.hashes.set(Enums.HashAlgorithm['SHA-512'], Buffer.from(sha512, 'base64').toString('hex'))
  }
  return component
}

function debianComponent({ name, version, architecture, source }: DebianPackage): Models.Component {
  const purl = new PackageURL('deb', 'debian', name, version, { arch: architecture, upstream: source })
  return componentOf({ name, version, purl })
}
