/** HashiCorp's injector from its Go module, once per version: what admission is measured beside. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'
import { findGo } from './kubernetes.ts'
import { pypiFolder } from './pypi.ts'

const run = promisify(execFile)
const MODULE = join(import.meta.dirname, 'vault-k8s')
const MAX_OUTPUT_BYTES = 16 << 20

/** As go.mod pins it. */
export const VAULT_K8S_VERSION = /^require github\.com\/hashicorp\/vault-k8s v(\S+)$/m.exec(
  readFileSync(join(MODULE, 'go.mod'), 'utf8'),
)?.[1]

export const vaultK8sBinary = (folder: Pick<LabFolder, 'cache'>): string =>
  join(folder.cache, `vault-k8s-${VAULT_K8S_VERSION}`)

/** About two minutes on two cores, nothing when cached. */
export async function buildVaultK8s(folder: LabFolder, progress: Progress): Promise<void> {
  await cached(vaultK8sBinary(folder), async (unfinished) => {
    const { go, borrowed } = await findGo(folder, progress)
    const scratch = join(folder.cache, 'go-build-vault-k8s')
    const ours = { GOCACHE: join(scratch, 'cache'), GOMODCACHE: join(scratch, 'modules'), GOFLAGS: '-modcacherw' }
    const env = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0', ...(borrowed ? ours : {}) }
    const args = ['build', '-trimpath', '-ldflags', '-s -w', '-o', unfinished, 'github.com/hashicorp/vault-k8s']
    await progress.step(`build vault-k8s ${VAULT_K8S_VERSION}`, () =>
      run(go, args, { cwd: MODULE, env, maxBuffer: MAX_OUTPUT_BYTES }),
    )
    await rm(scratch, { recursive: true, force: true })
    if (borrowed) await rm(pypiFolder(folder, 'go'), { recursive: true, force: true })
  })
}
