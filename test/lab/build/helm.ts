/** Helm, as the installation is installed by it. */
import { join } from 'node:path'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'
import { buildGoProgram, type GoProgram, versionOf } from './go-program.ts'

const HELM: GoProgram = { name: 'helm', module: 'helm.sh/helm/v4', packages: ['helm.sh/helm/v4/cmd/helm'] }

export const helmBinary = (folder: Pick<LabFolder, 'cache'>): string => join(folder.cache, `helm-${versionOf(HELM)}`)

/** About a minute on two cores, nothing when cached. */
export async function buildHelm(folder: LabFolder, progress: Progress): Promise<void> {
  await cached(helmBinary(folder), async (unfinished) => {
    await buildGoProgram(unfinished, HELM, { folder, progress })
  })
}
