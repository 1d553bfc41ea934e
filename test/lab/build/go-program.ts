/** A program from its Go module, once per version: no registry has its binary. Beside this file each has a folder, whose go.mod and go.sum pin it. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LabFolder, Progress } from '../part.ts'
import { findGo } from './kubernetes.ts'
import { pypiFolder } from './pypi.ts'

const run = promisify(execFile)
const MAX_OUTPUT_BYTES = 16 << 20

export type GoProgram = {
  /** Of the folder beside this file, and how the program is called. */
  readonly name: string
  /** `helm.sh/helm/v4` */
  readonly module: string
  /** `helm.sh/helm/v4/cmd/helm` */
  readonly package: string
}

/** As go.mod pins it, without the `v`. */
export function versionOf({ name, module }: GoProgram): string {
  const pins = readFileSync(join(import.meta.dirname, name, 'go.mod'), 'utf8')
  const line = pins.split('\n').find((each) => each.startsWith(`require ${module} v`))
  if (line === undefined) throw new Error(`go.mod of ${name} does not require ${module}`)
  return line.slice(`require ${module} v`.length).trim()
}

/**
 * Builds it at `path`. A machine without Go borrows one, and has no use for sources and intermediate results afterwards.
 * @param also what else is wanted of the module, whose sources are in `folder`
 */
export async function buildGoProgram(
  path: string,
  program: GoProgram,
  { folder, progress, also }: { folder: LabFolder; progress: Progress; also?: (folder: string) => Promise<void> },
): Promise<void> {
  const { go, borrowed } = await findGo(folder, progress)
  const scratch = join(folder.cache, `go-build-${program.name}`)
  const ours = { GOCACHE: join(scratch, 'cache'), GOMODCACHE: join(scratch, 'modules'), GOFLAGS: '-modcacherw' }
  const env = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0', ...(borrowed ? ours : {}) }
  const within = { cwd: join(import.meta.dirname, program.name), env, maxBuffer: MAX_OUTPUT_BYTES }
  await progress.step(`build ${program.name} ${versionOf(program)}`, async () => {
    await run(go, ['build', '-trimpath', '-ldflags', '-s -w', '-o', path, program.package], within)
    if (also === undefined) return
    const { stdout } = await run(go, ['list', '-m', '-f', '{{.Dir}}', program.module], within)
    await also(stdout.trim())
  })
  await rm(scratch, { recursive: true, force: true })
  if (borrowed) await rm(pypiFolder(folder, 'go'), { recursive: true, force: true })
}
