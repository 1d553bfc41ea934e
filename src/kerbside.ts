#!/usr/bin/env node
/** The one command: starts the program named first, and loads nothing of the others. What stops it is told in one sentence. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { toKerbsideError } from './core/errors.ts'

type Program = { main(args: readonly string[]): Promise<void> }

/** Long-running programs; every other word is the command line's. The sidecar loads no library that it does not use. */
const PROGRAMS = new Map<string, () => Promise<Program>>([
  ['webhook', () => import('../webhook/main.ts')],
  ['sidecar', () => import('../sidecar/main.ts')],
  ['broker', () => import('./broker/main.ts')],
  ['review', () => import('./review/main.ts')],
  ['export', () => import('./export/main.ts')],
])

const [name = '', ...rest] = process.argv.slice(2)
const program = PROGRAMS.get(name)
// Stacks in terms of the sources. It takes memory and time, which a sidecar, a webhook and a command have not: they look it up.
if (program !== undefined && name !== 'sidecar' && name !== 'webhook') process.setSourceMapsEnabled(true)
try {
  if (program === undefined) {
    keepCompiled()
    await (await import('./cli/main.ts')).main(process.argv.slice(2))
  } else await (await program()).main(rest)
} catch (thrown) {
  const { code, message, hint, cause } = toKerbsideError(thrown)
  console.error(`kerbside${program === undefined ? '' : ` ${name}`}: ${message}`)
  if (hint !== undefined) console.error(`  ${hint}`)
  if (code === 'internal') console.error((await import('./io/source-places.ts')).inSources(inspect(cause)))
  process.exit(code === 'bad-usage' || code === 'bad-settings' ? 2 : 1)
}

/**
 * A command is over in less time than its code takes to compile, so Node keeps that, where nobody else can write. A user
 * without a home has no such place: for him it is compiled each time.
 */
function keepCompiled(): void {
  const { XDG_CACHE_HOME: given = '', HOME: home = '', NODE_COMPILE_CACHE: another } = process.env
  const cache = given !== '' || home === '' ? given : join(home, '.cache')
  if (cache !== '' && another === undefined) enableCompileCache(join(cache, 'kerbside', 'compiled'))
}
