/** Picks from node_modules what production code can load, by the lock file; nothing that only an installation needs. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from './tar.ts'

type Locked = { readonly dependencies?: Readonly<Record<string, string>> }

/** What node can load, and the licences that go with it. */
const KEPT = '**/{*.js,*.cjs,*.mjs,*.json,*.wasm,LICEN[CS]E*}'

/** Packages whose dependencies compile or download them and are not loaded afterwards, with the only files that are. */
const COMPILED: Readonly<Record<string, string>> = {
  kerberos: '{package.json,LICENSE,lib/**/*.js,build/Release/kerberos.node}',
}

/** Every file under `node_modules/` that the image needs, for an image where the product lies in `/kerbside`. */
export function productionPackages(root: string): Entry[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }
  const places = closure(new Map(Object.entries(lock.packages)))
  return places.flatMap((place) => {
    const files = globSync(COMPILED[nameOf(place)] ?? KEPT, {
      cwd: join(root, place),
      exclude: ['node_modules', '*/node_modules'],
    })
    return files.sort().map((file) => ({ path: `kerbside/${place}/${file}`, from: join(root, place, file) }))
  })
}

/** The places (`node_modules/a/node_modules/b`) that the root's dependencies lead to, found as node finds them. */
function closure(locked: ReadonlyMap<string, Locked>): string[] {
  const found = new Set<string>()
  const open = ['']
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (nameOf(place) in COMPILED) continue
    for (const name of Object.keys(locked.get(place)?.dependencies ?? {})) {
      const target = resolve(locked, place, name)
      // Type packages hold nothing that runs.
      if (target === undefined || name.startsWith('@types/') || found.has(target)) continue
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

function nameOf(place: string): string {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
}
