#!/usr/bin/env node
/** The one command: starts the program named first, and loads nothing of the others. */

type Program = { main(args: readonly string[]): Promise<void> }

/** Long-running programs; every other word is the command line's. The sidecar loads no library that it does not use. */
const PROGRAMS = new Map<string, () => Promise<Program>>([
  ['webhook', () => import('../webhook/main.ts')],
  ['sidecar', () => import('../sidecar/main.ts')],
  ['broker', () => import('./broker/main.ts')],
  ['review', () => import('./review/main.ts')],
])

const [name = '', ...rest] = process.argv.slice(2)
const program = PROGRAMS.get(name)
if (program === undefined) await (await import('./cli/main.ts')).main(process.argv.slice(2))
else await (await program()).main(rest)
