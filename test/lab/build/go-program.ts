/** A program from its Go module, once per version: no registry has its binary. Beside this file each has a folder, whose go.mod and go.sum pin it. */
import { join } from 'node:path'
import type { LabFolder, Progress } from '../part.ts'
import { buildOf, pinned, withGo } from './go.ts'

export type GoProgram = {
  /** Of the folder beside this file, and how the program is called. */
  readonly name: string
  /** `helm.sh/helm/v4` */
  readonly module: string
  /** `helm.sh/helm/v4/cmd/helm`; of several, each is a program. */
  readonly packages: readonly [string, ...string[]]
}

/** As go.mod pins it, without the `v`. */
export const versionOf = ({ name, module }: GoProgram): string => pinned(name, `require ${module} v`)

/**
 * Builds it at `path`; several into the folder that is there.
 * @param also what else is wanted of the module, whose sources are in `folder`
 */
export async function buildGoProgram(
  path: string,
  program: GoProgram,
  { folder, progress, also }: { folder: LabFolder; progress: Progress; also?: (folder: string) => Promise<void> },
): Promise<void> {
  const module = join(import.meta.dirname, program.name)
  await withGo({ folder, progress }, program.name, (runGo) =>
    progress.step(`build ${program.name} ${versionOf(program)}`, async () => {
      await runGo(module, [...buildOf(''), '-o', path, ...program.packages])
      await also?.((await runGo(module, ['list', '-m', '-f', '{{.Dir}}', program.module])).trim())
    }),
  )
}
