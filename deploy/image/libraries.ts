/** Packs programs with the shared libraries that the dynamic linker finds for them on this machine. */
import { execFileSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import type { Entry } from './tar.ts'

/** Each program or library at its own path, and all that `ldd` names for it. Opened by dlopen later? Then name it here too. */
export function withLibraries(...files: readonly string[]): Entry[] {
  return [...files.map(packed), ...librariesFor(...files)]
}

/** The libraries alone, for programs that are packed elsewhere. */
export function librariesFor(...files: readonly string[]): Entry[] {
  const out = execFileSync('ldd', files, { encoding: 'utf8' })
  if (out.includes('not found')) throw new Error(`a library is not on this machine:\n${out}`)
  const libraries = [...out.matchAll(/(?:=> |^\t)(\/\S+) \(0x/gm)].map(([, path]) => path ?? '')
  return [...new Set(libraries)].map(packed)
}

function packed(path: string): Entry {
  return { path: path.slice(1), from: realpathSync(path), mode: 0o755 }
}
