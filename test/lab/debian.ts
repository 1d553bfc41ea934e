/** Debian packages that parts need: installed where we are root, otherwise one line that says which. */
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { alone } from './alone.ts'
import { runCommand } from './command.ts'
import { LabError } from './errors.ts'
import type { LabFolder, Progress } from './part.ts'

/** What must be there, as command → the package that brings it. */
export type Needs = Readonly<Record<string, string>>

const SEARCH = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/lib/cni'].filter(Boolean)
// Parts are fetched side by side; those that ask within this time share one run of apt.
const GATHER_MS = 30

let waiting: { packages: Set<string>; done: Promise<void> } | undefined
let last: Promise<void> = Promise.resolve()

/**
 * Does nothing when every command (or absolute path) of `needs` exists. A command is there before its package is ready, so one
 * that another process is about to install is waited for.
 */
export async function debianPackages(folder: LabFolder, progress: Progress, needs: Needs): Promise<void> {
  await alone(lockOf(folder), async () => {})
  const missing = Object.entries(needs).filter(([command]) => !exists(command))
  const packages = [...new Set(missing.map(([, name]) => name))]
  if (packages.length === 0) return
  const ask = `apt-get install ${packages.join(' ')}`
  if (!existsSync('/usr/bin/apt-get')) {
    throw new LabError(
      `missing: ${missing.map(([command]) => command).join(', ')}`,
      'install what Debian calls '.concat(packages.join(', ')),
    )
  }
  if (process.getuid?.() !== 0) throw new LabError(`missing: ${packages.join(', ')}`, `as root: ${ask}`)
  waiting ??= gather(folder, progress)
  for (const name of packages) waiting.packages.add(name)
  await waiting.done
}

function gather(folder: LabFolder, progress: Progress) {
  const packages = new Set<string>()
  const done = (async () => {
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS))
    waiting = undefined
    // One apt at a time: it takes a lock.
    last = last.catch(() => {}).then(() => alone(lockOf(folder), () => install(folder, progress, [...packages])))
    await last
  })()
  return { packages, done }
}

async function install(folder: LabFolder, progress: Progress, packages: string[]): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive', PATH: `${noServices(folder)}:${process.env['PATH']}` }
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'APT::Install-Recommends=false']
  await progress.step(`debian packages: ${packages.join(' ')}`, async () => {
    await runCommand(['apt-get', ...options, 'update'], { env })
    await runCommand(['apt-get', ...options, 'install', '-y', ...packages], { env })
  })
}

function lockOf(folder: LabFolder): string {
  mkdirSync(folder.cache, { recursive: true })
  return join(folder.cache, '.lock-debian')
}

/** A folder first on the path whose tools do nothing, so that no package starts a service on the person's machine. */
function noServices(folder: LabFolder): string {
  const path = join(folder.cache, 'no-services')
  mkdirSync(path, { recursive: true })
  for (const tool of ['invoke-rc.d', 'deb-systemd-invoke', 'deb-systemd-helper']) {
    if (!existsSync(join(path, tool))) symlinkSync('/bin/true', join(path, tool))
  }
  return path
}

function exists(command: string): boolean {
  return command.startsWith('/') ? existsSync(command) : SEARCH.some((folder) => existsSync(join(folder, command)))
}
