/** Picks from node_modules what production code can load, by the lock file; nothing that only an installation needs. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from './tar.ts'

export type Locked = {
  readonly version?: string
  readonly license?: string
  /** As in Subresource Integrity: `sha512-…`. */
  readonly integrity?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

/** What node can load, and the licences that go with it. */
const KEPT = '**/{*.js,*.cjs,*.mjs,*.json,*.wasm,LICEN[CS]E*}'

/** What packages bring for others than node: their tests, and copies for browsers and bundlers. */
const FOR_OTHERS = [
  ...['node_modules', '*/node_modules', 'test', 'tests', 'docs', 'examples', 'benchmark', 'benchmarks', '**/*.min.js'],
  ...['dist-es', 'dist-types', 'dist-browser', 'dist/browser', 'dist/react-native', 'dist/workerd'],
]
/** A second copy of the same, for `require` or for bundlers, in packages that are imported; but for the state that both copies share. */
const SECOND_COPY = [
  /^@(azure|typespec)\/[^/]+\/(dist\/commonjs\/(?!(state(-cjs)?\.js|package\.json)$)|lib\/.*\.cjs$)/,
  /^zod\/(.*\.cjs$|v3\/)/,
  /^diff\/libcjs\//,
  /^jsonpath-plus\/dist\/index-browser/,
  /^bowser\/bundled\.js$/,
  /^yaml\/browser\//,
]
/** Named by packages that we need, and loaded by none of them in a node of today. */
const NEVER_LOADED: ReadonlySet<string> = new Set(['@azure/msal-browser', 'web-streams-polyfill'])

/** Packages whose dependencies compile or download them and are not loaded afterwards, with the only files that are. */
const COMPILED: ReadonlyMap<string, string> = new Map([
  ['kerberos', '{package.json,LICENSE,lib/**/*.js,build/Release/kerberos.node}'],
])

/** Every file under `node_modules/` that the image needs, for an image where the product lies in `/kerbside`. */
export function productionPackages(root: string): Entry[] {
  return productionPlaces(root).flatMap((place) => filesOf({ root, place, kept: COMPILED.get(nameOf(place)) ?? KEPT }))
}

/** Where those packages are (`node_modules/a/node_modules/b`), in the order of their names. */
export function productionPlaces(root: string): string[] {
  return closure(lockedPackages(root))
}

/** By place; the root's own is the empty one. */
export function lockedPackages(root: string): ReadonlyMap<string, Locked> {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }
  return new Map(Object.entries(lock.packages))
}

/** DuckDB itself, as it is built for this machine: 70 MB that only who asks many records needs. */
export function queryEngine(root: string): Entry[] {
  return filesOf({ root, place: queryEnginePlace(), kept: '{package.json,LICENSE,*.node,*.so}' })
}

export const queryEnginePlace = (): string => `node_modules/@duckdb/node-bindings-linux-${process.arch}`

type Files = { readonly root: string; readonly place: string; readonly kept: string }

function filesOf({ root, place, kept }: Files): Entry[] {
  return globSync(kept, { cwd: join(root, place), exclude: FOR_OTHERS })
    .filter((file) => !SECOND_COPY.some((copy) => copy.test(`${nameOf(place)}/${file}`)))
    .sort()
    .map((file) => ({ path: `kerbside/${place}/${file}`, from: join(root, place, file) }))
}

/** What the root's dependencies lead to, found as node finds it. */
function closure(locked: ReadonlyMap<string, Locked>): string[] {
  const found = new Set<string>()
  const open = ['']
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (COMPILED.has(nameOf(place))) continue
    for (const name of Object.keys(locked.get(place)?.dependencies ?? {})) {
      const target = resolve(locked, place, name)
      // Type packages hold nothing that runs.
      if (target === undefined || found.has(target)) continue
      if (name.startsWith('@types/') || NEVER_LOADED.has(name)) continue
      found.add(target)
      open.push(target)
    }
  }
  return [...found].sort()
}

function resolve(locked: ReadonlyMap<string, Locked>, from: string, name: string): string | undefined {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    const place = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`
    if (locked.has(place)) return place
    if (base === '') return undefined
  }
}

/** `@azure/identity`, wherever it lies. */
export function nameOf(place: string): string {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
}
