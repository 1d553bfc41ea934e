/** cert-manager, where somebody else makes the certificates: the newest release whose programs are in its Go module. */
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'
import { buildGoProgram, type GoProgram, versionOf } from './go-program.ts'

const MODULE = 'github.com/cert-manager/cert-manager'
const CERT_MANAGER: GoProgram = {
  name: 'cert-manager',
  module: MODULE,
  packages: [`${MODULE}/cmd/controller`, `${MODULE}/cmd/cainjector`],
}

export type CertManagerFiles = {
  readonly controller: string
  readonly injector: string
  /** Folder of its CustomResourceDefinitions, as its chart has them. */
  readonly definitions: string
}

export function certManagerFiles(folder: Pick<LabFolder, 'cache'>): CertManagerFiles {
  const path = folderOf(folder)
  return { controller: join(path, 'controller'), injector: join(path, 'cainjector'), definitions: join(path, 'crds') }
}
const folderOf = ({ cache }: Pick<LabFolder, 'cache'>) => join(cache, `cert-manager-${versionOf(CERT_MANAGER)}`)

/** About two minutes on two cores, nothing when cached. */
export async function buildCertManager(folder: LabFolder, progress: Progress): Promise<void> {
  await cached(folderOf(folder), async (unfinished) => {
    await mkdir(unfinished)
    const also = (module: string) => cp(join(module, 'deploy/crds'), join(unfinished, 'crds'), { recursive: true })
    await buildGoProgram(unfinished, CERT_MANAGER, { folder, progress, also })
  })
}
