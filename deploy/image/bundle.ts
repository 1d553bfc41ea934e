/**
 * Makes of each program one file, and further ones for what it loads only once it gets there: a process that reads a hundred
 * files takes twice the time to start. Packages stay outside, as they were published.
 */
import { globSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'

const COMMAND = 'src/kerbside'
/** `kerbside` and the program that it has loaded must mean the same class by one name, so that neither has a copy of its own. */
const SHARED = 'src/core/errors'

/** What `kerbside` loads, and what is started for one task; by path and without the ending, as all names here. */
export function programs(root: string): string[] {
  const files = globSync('{webhook,sidecar,src}/**/*.ts', { cwd: root })
  const isProgram = (file: string) =>
    /(^|\/)main\.ts$/.test(file) || /^await answerOneShot\(/m.test(readFileSync(join(root, file), 'utf8'))
  return files.filter(isProgram).map((file) => file.replace(/\.ts$/, ''))
}

/** Writes the product below `outDir`, each program where its source lies. Types are the business of `npm run types`. */
export async function bundle(root: string, outDir: string): Promise<void> {
  rmSync(outDir, { recursive: true, force: true })
  const apart = new Set([COMMAND, SHARED, ...programs(root)])
  await Promise.all([...apart].map((program) => bundleProgram({ root, outDir, program, apart })))
}

type Program = {
  readonly root: string
  readonly outDir: string
  readonly program: string
  /** What has a file of its own, which others import. */
  readonly apart: ReadonlySet<string>
}

async function bundleProgram({ root, outDir, program, apart }: Program): Promise<void> {
  const build = await rolldown({
    cwd: root,
    input: { [program]: `${program}.ts` },
    platform: 'node',
    tsconfig: false,
    // So that what a part loaded later needs of the first one is taken from there.
    preserveEntrySignatures: 'allow-extension',
    plugins: [inPlace(join(root, dirname(program)), (file) => apart.has(relative(root, file)))],
  })
  await build.write({
    dir: outDir,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: `${program}-[name]-[hash].js`,
    sourcemap: true,
    sourcemapExcludeSources: true,
    // By the checkout, wherever it and `outDir` lie.
    sourcemapPathTransform: (source, map) => relative(root, resolve(dirname(map), source)),
    comments: false,
  })
  await build.close()
}

/** What is a file of its own stays one, and each module still knows the folder of its source. */
function inPlace(folder: string, isApart: (file: string) => boolean): Plugin {
  return {
    name: 'in-place',
    resolveId(specifier, importer) {
      if (importer === undefined) return null
      if (!specifier.startsWith('.')) return { id: specifier, external: true }
      const file = resolve(dirname(importer), specifier).replace(/\.ts$/, '')
      if (!isApart(file)) return null
      const path = relative(folder, `${file}.js`)
      return { id: path.startsWith('.') ? path : `./${path}`, external: true }
    },
    transform(code, id) {
      if (!code.includes('import.meta.dirname')) return null
      const path = relative(folder, dirname(id))
      return { code: code.replaceAll('import.meta.dirname', `(import.meta.dirname + '/${path}')`), map: null }
    },
  }
}
