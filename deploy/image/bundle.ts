/**
 * Makes of each program one file, and further ones for what it loads only once it gets there: a process that reads a hundred
 * files starts by half more slowly. Packages stay outside, as they were published.
 */
import { rmSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'

/** What is started as a process of its own, and what `kerbside` starts in its own process; without the ending. */
export const PROGRAMS = [
  'src/kerbside',
  'webhook/main',
  'sidecar/main',
  'sidecar/credentials/acquire',
  'sidecar/credentials/negotiate',
  'src/broker/main',
  'src/review/main',
  'src/cli/main',
  'src/cli/doctor/ask-name-nodes',
] as const

/** `kerbside` and the program that it has loaded must mean the same class by one name, so that neither has a copy of its own. */
const SHARED = 'src/core/errors'

const APART: ReadonlySet<string> = new Set([...PROGRAMS, SHARED])

/** Writes the product below `outDir`, whose entries lie where their sources do. Types are the business of `npm run types`. */
export async function bundle(root: string, outDir: string): Promise<void> {
  rmSync(outDir, { recursive: true, force: true })
  await Promise.all([...APART].map((program) => bundleProgram({ root, outDir, program })))
}

type Program = { readonly root: string; readonly outDir: string; readonly program: string }

async function bundleProgram({ root, outDir, program }: Program): Promise<void> {
  const build = await rolldown({
    cwd: root,
    input: { [program]: `${program}.ts` },
    platform: 'node',
    preserveEntrySignatures: 'allow-extension',
    tsconfig: false,
    plugins: [inPlace(root, program)],
  })
  await build.write({
    dir: outDir,
    format: 'esm',
    entryFileNames: '[name].js',
    // Beside the entry, so that all of a program is in one folder.
    chunkFileNames: `${program}-[name]-[hash].js`,
    sourcemap: true,
    sourcemapExcludeSources: true,
    comments: false,
  })
  await build.close()
}

/** What is a file of its own stays one, and each module knows the folder that its source is in. */
function inPlace(root: string, program: string): Plugin {
  const folder = dirname(join(root, program))
  return {
    name: 'in-place',
    resolveId(specifier, importer) {
      if (importer === undefined) return null
      if (!specifier.startsWith('.')) return { id: specifier, external: true }
      const name = relative(root, resolve(dirname(importer), specifier)).replace(/\.ts$/, '')
      if (!APART.has(name)) return null
      const path = relative(folder, join(root, `${name}.js`))
      return { id: path.startsWith('.') ? path : `./${path}`, external: true }
    },
    transform(code, id) {
      if (!code.includes('import.meta.dirname')) return null
      const path = relative(folder, dirname(id))
      return { code: code.replaceAll('import.meta.dirname', `(import.meta.dirname + '/${path}')`), map: null }
    },
  }
}
