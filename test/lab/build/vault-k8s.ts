/** HashiCorp's injector: what admission is measured beside. */
import { join } from 'node:path'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'
import { buildGoProgram, type GoProgram, versionOf } from './go-program.ts'

const VAULT_K8S: GoProgram = {
  name: 'vault-k8s',
  module: 'github.com/hashicorp/vault-k8s',
  packages: ['github.com/hashicorp/vault-k8s'],
}

export const vaultK8sBinary = (folder: Pick<LabFolder, 'cache'>): string =>
  join(folder.cache, `vault-k8s-${versionOf(VAULT_K8S)}`)

/** About two minutes on two cores, nothing when cached. */
export async function buildVaultK8s(folder: LabFolder, progress: Progress): Promise<void> {
  await cached(vaultK8sBinary(folder), (unfinished) => buildGoProgram(unfinished, VAULT_K8S, { folder, progress }))
}
