/** Packs programs with the shared libraries that the dynamic linker finds for them on this machine. */
import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import type { Entry } from './tar.ts'

/** Each program or library at its own path, and all that `ldd` names for it. Opened by dlopen later? Then name it here too. */
export function withLibraries(...files: readonly string[]): Entry[] {
  const libraries = new Set(files.flatMap(librariesOf))
  return [...files, ...libraries].map((path) => packed(path, path))
}

/** The libraries alone, for a program that is packed elsewhere. */
export function librariesFor(...files: readonly string[]): Entry[] {
  return [...new Set(files.flatMap(librariesOf))].map((path) => packed(path, path))
}

function librariesOf(file: string): string[] {
  const out = execFileSync('ldd', [file], { encoding: 'utf8' })
  if (out.includes('not found')) throw new Error(`\`${file}\` needs a library that is not on this machine:\n${out}`)
  return [...out.matchAll(/(?:=> |^\s*)(\/\S+)/gm)].map(([, path]) => path ?? '')
}

function packed(path: string, from: string): Entry {
  return { path: path.slice(1), from: realpathSync(from), mode: 0o755 }
}
