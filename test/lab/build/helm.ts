/** Helm from its Go module, once per version: no registry has its binary. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'
import { buildKubernetes, findGo } from './kubernetes.ts'
import { pypiFolder } from './pypi.ts'

const run = promisify(execFile)
const MODULE = join(import.meta.dirname, 'helm')
const MAX_OUTPUT_BYTES = 16 << 20

/** As go.mod pins it. */
const HELM_VERSION = /^require helm\.sh\/helm\/v4 v(\S+)$/m.exec(readFileSync(join(MODULE, 'go.mod'), 'utf8'))?.[1]

export const helmBinary = (folder: Pick<LabFolder, 'cache'>): string => join(folder.cache, `helm-${HELM_VERSION}`)

/** About a minute on two cores, nothing when cached. */
export async function buildHelm(folder: LabFolder, progress: Progress): Promise<void> {
  await cached(helmBinary(folder), async (unfinished) => {
    // A Go that was borrowed is given back when Kubernetes is built, so that the two do not share one.
    await buildKubernetes(folder, progress)
    const { go, borrowed } = await findGo(folder, progress)
    const scratch = join(folder.cache, 'go-build-helm')
    const ours = { GOCACHE: join(scratch, 'cache'), GOMODCACHE: join(scratch, 'modules'), GOFLAGS: '-modcacherw' }
    const env = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0', ...(borrowed ? ours : {}) }
    const args = ['build', '-trimpath', '-ldflags', '-s -w', '-o', unfinished, 'helm.sh/helm/v4/cmd/helm']
    await progress.step(`build helm ${HELM_VERSION}`, () =>
      run(go, args, { cwd: MODULE, env, maxBuffer: MAX_OUTPUT_BYTES }),
    )
    await rm(scratch, { recursive: true, force: true })
    if (borrowed) await rm(pypiFolder(folder, 'go'), { recursive: true, force: true })
  })
}
