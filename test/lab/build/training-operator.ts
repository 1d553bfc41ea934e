/** Kubeflow's training operator, whose jobs are pods that somebody else makes. */
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'
import { buildGoProgram, type GoProgram, versionOf } from './go-program.ts'

const OPERATOR: GoProgram = {
  name: 'training-operator',
  module: 'github.com/kubeflow/training-operator',
  packages: ['github.com/kubeflow/training-operator/cmd/training-operator.v1'],
}

/** The program, and the manifests that it is installed with. */
export function trainingOperator(folder: Pick<LabFolder, 'cache'>): {
  readonly program: string
  readonly manifests: string
} {
  const path = folderOf(folder)
  return { program: join(path, 'manager'), manifests: join(path, 'manifests') }
}
const folderOf = ({ cache }: Pick<LabFolder, 'cache'>) => join(cache, `training-operator-${versionOf(OPERATOR)}`)

/** About three minutes on two cores, nothing when cached. */
export async function buildTrainingOperator(folder: LabFolder, progress: Progress): Promise<void> {
  await cached(folderOf(folder), async (unfinished) => {
    await mkdir(unfinished)
    const also = (module: string) => cp(join(module, 'manifests'), join(unfinished, 'manifests'), { recursive: true })
    await buildGoProgram(join(unfinished, 'manager'), OPERATOR, { folder, progress, also })
  })
}
