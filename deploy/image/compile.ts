/** Compiles the product into a folder of its own, so that two builds from one checkout do not meet in `dist/`. */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

/** Types are the business of `npm run types`: here a type error does not stop the build. */
export function compile(root: string, outDir: string): void {
  rmSync(outDir, { recursive: true, force: true })
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--noCheck', '--outDir', outDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}
