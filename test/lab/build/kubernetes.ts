/** Kubernetes from its Go modules, once per version: no registry has its binaries, and the sources build as they are. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'
import { buildOf, pinned, withGo } from './go.ts'

const MODULE = join(import.meta.dirname, 'kubernetes')

/** The longest builds first; the later ones share most of what these compiled. */
const BINARIES = ['kube-apiserver', 'kubelet', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const
export type KubernetesBinary = (typeof BINARIES)[number]

/** As go.mod pins it, for instance `1.36.3`. */
export const KUBERNETES_VERSION = pinned('kubernetes', 'require k8s.io/kubernetes v')

export function kubernetesBinary(folder: Pick<LabFolder, 'cache'>, name: KubernetesBinary): string {
  return join(folder.cache, `kubernetes-${KUBERNETES_VERSION}`, name)
}

let building: Promise<void> | undefined

/** Builds what is missing: about 7 minutes on two cores for all of it, nothing when cached. */
export function buildKubernetes(folder: LabFolder, progress: Progress): Promise<void> {
  building ??= build(folder, progress)
  return building
}

async function build(folder: LabFolder, progress: Progress): Promise<void> {
  const missing = BINARIES.filter((name) => !existsSync(kubernetesBinary(folder, name)))
  if (missing.length === 0) return
  progress.note(`Kubernetes ${KUBERNETES_VERSION} is built from source: minutes, once per machine`)
  await withGo({ folder, progress }, 'kubernetes', async (runGo) => {
    for (const name of missing)
      await progress.step(`build ${name}`, () =>
        cached(kubernetesBinary(folder, name), async (unfinished) => {
          await runGo(MODULE, [...BUILD, '-o', unfinished, `k8s.io/kubernetes/cmd/${name}`])
        }),
      )
  })
}

const BUILD = buildOf(`-X k8s.io/component-base/version.gitVersion=v${KUBERNETES_VERSION}`)
