/**
 * Istio's control plane, which injects its proxy: the newest that has a Go module. No Envoy, so nothing of a mesh runs: it is there for what it
 * makes of pods.
 */
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'
import { buildGoProgram, type GoProgram, versionOf } from './go-program.ts'

const ISTIO: GoProgram = {
  name: 'istio',
  module: 'istio.io/istio',
  packages: ['istio.io/istio/pilot/cmd/pilot-discovery'],
}

export function istioFiles(folder: Pick<LabFolder, 'cache'>): { readonly program: string; readonly chart: string } {
  const path = folderOf(folder)
  return { program: join(path, 'istiod'), chart: join(path, 'chart') }
}
const folderOf = ({ cache }: Pick<LabFolder, 'cache'>) => join(cache, `istio-${versionOf(ISTIO)}`)

/** About four minutes on two cores, nothing when cached. */
export async function buildIstio(folder: LabFolder, progress: Progress): Promise<void> {
  await cached(folderOf(folder), async (unfinished) => {
    await mkdir(unfinished)
    const chart = 'manifests/charts/istio-control/istio-discovery'
    const also = (module: string) => cp(join(module, chart), join(unfinished, 'chart'), { recursive: true })
    await buildGoProgram(join(unfinished, 'istiod'), ISTIO, { folder, progress, also })
  })
}
