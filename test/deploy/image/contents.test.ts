/** The image says truly what is in it, is the same when it is built again, and has nothing in it to get a foothold with. */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { layerOf } from '../../../deploy/image/archive.ts'
import { BILL_PATH } from '../../../deploy/image/bill-of-materials.ts'
import { bundle } from '../../../deploy/image/bundle.ts'
import { besideNode, weigh } from '../../../deploy/image/contents.ts'
import { baseEntries, paperEntries, programEntries, queryEntries } from '../../../deploy/image/product.ts'
import type { Entry } from '../../../deploy/image/tar.ts'
import { debianPackages } from '../../lab/debian.ts'
import { labFolder } from '../../lab/folder.ts'
import { progressTo } from '../../lab/progress.ts'

const ROOT = join(import.meta.dirname, '../../..')
const MEGABYTE = 1_000_000
const SLOW = 300_000

type Bill = { components: { name: string; version: string; purl: string; 'bom-ref': string }[] }
const billIn = (entries: readonly Entry[]): Bill => JSON.parse(billText(entries)) as Bill
function billText(entries: readonly Entry[]): string {
  const bill = entries.findLast(({ path }) => path === BILL_PATH)
  if (bill === undefined || !('content' in bill)) throw new Error('no bill of materials')
  return String(bill.content)
}

/** What is bundled. */
const SOURCES = ['src', 'sidecar', 'webhook', 'package.json', 'package-lock.json']

let folder: string
let base: Entry[]
let programs: Entry[][]
let image: Entry[]
beforeAll(async () => {
  const kerberos = { '/usr/bin/kinit': 'krb5-user', '/usr/bin/kvno': 'krb5-user' }
  await debianPackages(
    labFolder('image'),
    progressTo(() => {}),
    kerberos,
  )
  folder = await mkdtemp(join(tmpdir(), 'kerbside-image-'))
  base = baseEntries(ROOT)
  programs = await Promise.all([copyOf(ROOT, 'one'), copyOf(join(folder, 'one'), 'another/place')].map(built))
  image = [...base, ...(programs[0] ?? [])]
}, SLOW)
afterAll(() => rmSync(folder, { recursive: true }))

/** The sources as they stand at this moment, in a checkout of another name. */
function copyOf(checkout: string, name: string): string {
  const copy = join(folder, name)
  mkdirSync(copy, { recursive: true })
  for (const source of SOURCES) cpSync(join(checkout, source), join(copy, source), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

async function built(checkout: string): Promise<Entry[]> {
  const bundled = `${checkout}-bundled`
  await bundle(checkout, bundled)
  return [...programEntries(checkout, bundled), ...paperEntries(checkout)]
}

/** Which package brought which file, read from dpkg's own lists and not asked of it. */
function debianOwners(): Map<string, string> {
  const lists = '/var/lib/dpkg/info'
  const owners = new Map<string, string>()
  for (const list of readdirSync(lists).filter((name) => name.endsWith('.list'))) {
    const owner = list.replace(/(:\w+)?\.list$/, '')
    for (const path of readFileSync(join(lists, list), 'utf8').split('\n')) {
      owners.set(path.replace(/^\/usr\/lib/, '/lib'), owner)
    }
  }
  return owners
}

describe('the bill of materials', () => {
  it('is valid CycloneDX', async () => {
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
    expect(await validator.validate(billText(image))).toBeNull()
    expect(await validator.validate(billText(image).replace('"library"', '"toy"'))).not.toBeNull()
  })

  it('has every npm package of the image at its version, and no other', () => {
    const manifests = image.filter(({ path }) => /node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path))
    const inImage = manifests.flatMap((entry) => {
      if (!('from' in entry)) return []
      const { name, version } = JSON.parse(readFileSync(entry.from, 'utf8')) as { name?: string; version?: string }
      // A folder with a manifest that only says how its files are read is no package.
      return name === undefined || version === undefined ? [] : [`${name} ${version}`]
    })
    const inBill = billIn(image).components.filter(({ purl }) => purl.startsWith('pkg:npm/'))
    expect(new Set(inBill.map(({ name, version }) => `${name} ${version}`))).toEqual(new Set(inImage))
  })

  it('has node, and the Debian package of every file that is from none of npm', () => {
    const { components } = billIn(image)
    const names = new Set(components.filter(({ purl }) => purl.startsWith('pkg:deb/')).map(({ name }) => name))
    const owners = debianOwners()
    const foreign = base.filter((entry) => 'from' in entry && !entry.path.startsWith('kerbside/'))
    expect(foreign.length).toBeGreaterThan(10)
    for (const { path, ...entry } of foreign) {
      const from = 'from' in entry ? entry.from : ''
      const spellings = [`/${path}`, from].map((each) => each.replace(/^\/usr\/lib/, '/lib'))
      const owner = spellings.map((each) => owners.get(each)).find((found) => found !== undefined)
      expect(names, `${path} is of ${owner}`).toContain(owner)
    }
    expect(components).toContainEqual(expect.objectContaining({ name: 'node', version: process.version.slice(1) }))
  })

  it('has DuckDB where it is, and only there', () => {
    const named = (entries: readonly Entry[]) =>
      billIn(entries).components.some(({ name }) => name.startsWith('@duckdb/node-bindings-linux'))
    expect([named(image), named([...image, ...queryEntries(ROOT)])]).toEqual([false, true])
  })
})

describe('the image', () => {
  it('has the same bytes when it is built again', () => {
    const digests = programs.map((entries) => layerOf(entries).digest)
    expect(digests[0]).toBe(digests[1])
    expect(baseEntries(ROOT)).toEqual(base)
  })

  it('has no more than 60 MB beside node', () => {
    expect(besideNode(weigh(image))).toBeLessThan(60 * MEGABYTE)
  })

  it('has three programs, our command, and no shell, package tool or compiler', () => {
    const executable = image.filter(({ mode, path }) => mode !== undefined && mode & 0o111 && !path.includes('.so'))
    expect(executable.map(({ path }) => path).sort()).toEqual([
      'kerbside/bin/kerbside',
      'kerbside/bin/node',
      'usr/bin/kinit',
      'usr/bin/kvno',
    ])
  })

  it('has the licence of each Debian package that it has a file of', () => {
    const texts = image.filter(({ path }) => path.startsWith('usr/share/doc/')).map(({ path }) => path)
    const debian = billIn(image).components.filter(({ purl }) => purl.startsWith('pkg:deb/'))
    expect(texts.sort()).toEqual(debian.map(({ name }) => `usr/share/doc/${name}/copyright`).sort())
  })
})
