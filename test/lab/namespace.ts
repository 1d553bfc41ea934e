/** One namespace without a way out holds all of a lab: made by `unshare`, entered by `nsenter`, ended by one kill. */
import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { HOSTS } from './addresses.ts'
import { makeCgroups, removeCgroups } from './cgroup.ts'
import { LabError } from './errors.ts'
import { isAlive, labFiles, labState, type ProcessMark } from './folder.ts'
import type { LabFolder } from './part.ts'

const HERE = import.meta.dirname
const IS_ROOT = process.getuid?.() === 0
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * Starts the namespace; its supervisor listens on the control socket soon after.
 * With `tied`, the kernel kills the namespace when this process ends, however it ends.
 */
export function makeNamespace(folder: LabFolder, options: { tied: boolean }): ChildProcess {
  const files = labFiles(folder)
  writeFileSync(files.hosts, hostsFile())
  writeFileSync(files.resolvConf, `nameserver ${HOSTS['dns.lab']}\nsearch lab\n`)
  writeFileSync(join(folder.path, 'network.ip'), networkBatch())
  if (IS_ROOT) makeCgroups(folder.cgroup)
  const init = [join(HERE, 'init.sh'), folder.path, folder.cgroup, process.execPath, join(HERE, 'supervisor.ts')]
  const user = IS_ROOT ? [] : ['--user', '--map-root-user']
  const command = [...tie(options.tied), 'unshare', ...user, '--net', '--mount', '--uts', '--pid', '--kill-child']
  const log = openSync(files.log('supervisor'), 'a')
  const [file = '', ...args] = [...command, ...init]
  const holder = spawn(file, args, { stdio: ['ignore', log, log], detached: true, env: labEnv(folder) })
  closeSync(log)
  return holder
}

// Started detached, so that Ctrl-C reaches only its starter; hence the kernel, not the terminal, has to tie the two.
const tie = (tied: boolean): string[] => (tied ? ['setpriv', '--pdeathsig', 'KILL'] : [])

export type EnterOptions = {
  /** Numeric user to run as, without capabilities or groups; root when absent. */
  readonly uid?: number
  readonly cwd?: string
  /** Added to the caller's environment; start with `env -i` for an exact one. */
  readonly env?: Readonly<Record<string, string>>
  readonly stdio?: SpawnOptions['stdio']
}

/** Runs a command inside, from outside. Ending the returned process ends the command. */
export function enter(folder: LabFolder, init: ProcessMark, command: readonly string[], options: EnterOptions = {}) {
  const user = IS_ROOT ? [] : ['--user', '--preserve-credentials']
  const into = ['-t', String(init.pid), ...user, '-n', '-m', '-u', '-p', '-r', `--wd=${options.cwd ?? process.cwd()}`]
  // Two links of one chain: the caller's end ends nsenter, and nsenter's end ends the command.
  const chain = ['--pdeathsig', 'TERM', 'nsenter', ...into, '--', ...asUser(options.uid), ...command]
  return spawn('setpriv', chain, {
    stdio: options.stdio ?? 'inherit',
    env: { ...process.env, ...labEnv(folder), ...options.env },
  })
}

/** The words before a command that make it run as `uid`, and die when its parent does. */
export function asUser(uid: number | undefined): string[] {
  if (uid !== undefined && !IS_ROOT) throw new LabError('only root can run a command in the lab as another user')
  const user = uid === undefined ? [] : [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--no-new-privs']
  return ['setpriv', ...user, '--pdeathsig', 'TERM', '--']
}

/** What every process of the lab finds in its environment, and nothing of the caller's that could be a secret. */
export function labEnv(folder: LabFolder): Record<string, string> {
  const files = labFiles(folder)
  return {
    PATH: `${process.env['PATH'] ?? ''}:${SYSTEM_PATH}`,
    HOME: process.env['HOME'] ?? '/',
    LANG: 'C.UTF-8',
    KERBSIDE_LAB: folder.path,
    KERBSIDE_LAB_CACHE: folder.cache,
    KRB5_CONFIG: files.krb5Conf,
    KRB5_KDC_PROFILE: files.kdcConf,
  }
}

/** Ends everything of a lab in any state, and leaves nothing: no process, mount, namespace, cgroup or file. */
export async function removeNamespace(folder: LabFolder): Promise<void> {
  const state = labState(folder)
  if (state.is === 'elsewhere') {
    throw new LabError(`lab \`${folder.name}\` belongs to another container`, `if that is gone, remove ${folder.path}`)
  }
  if (state.is !== 'absent' && state.init !== undefined) await kill(state.init)
  if (IS_ROOT) await removeCgroups(folder.cgroup)
  // A user's own overlay leaves folders of mode 000 behind.
  if (!IS_ROOT && existsSync(folder.path)) await promisify(execFile)('chmod', ['-R', 'u+rwx', folder.path])
  await rm(folder.path, { recursive: true, force: true })
}

async function kill(mark: ProcessMark): Promise<void> {
  if (isAlive(mark)) process.kill(mark.pid, 'SIGKILL')
  // The first process is gone only when the kernel has ended all others.
  for (const deadline = Date.now() + 20_000; isAlive(mark); await wait(10)) {
    if (Date.now() > deadline) throw new LabError(`the lab's process ${mark.pid} does not end`)
  }
}

/** One line if this machine cannot hold a lab. */
export function whyNot(): string | undefined {
  if (process.env['KERBSIDE_LAB'] !== undefined) return 'this is inside a lab, and a lab cannot hold another'
  if (process.platform !== 'linux') return 'the lab needs Linux: namespaces hold its parts'
  // A chroot: what is mounted in it could be seen outside, and unshare refuses.
  const mountPoints = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4])
  if (!mountPoints.includes('/')) return 'the root here is no mount point: `mount --bind DIR DIR` before `chroot DIR`'
  const limit = '/proc/sys/user/max_user_namespaces'
  if (!IS_ROOT && existsSync(limit) && readFileSync(limit, 'utf8').trim() === '0') {
    return 'the lab needs root, or a kernel that lets users make namespaces (user.max_user_namespaces is 0)'
  }
  return undefined
}

function hostsFile(): string {
  const lines = Object.entries(HOSTS).map(([name, address]) => `${address} ${name}`)
  return `${['127.0.0.1 localhost', ...lines].join('\n')}\n`
}

// A bridge without ports serves as an interface of our own; there is no route to anywhere else.
function networkBatch(): string {
  const addresses = Object.values(HOSTS).map((address) => `addr add ${address}/24 dev lab0`)
  return `${['link set lo up', 'link add lab0 type bridge', ...addresses, 'link set lab0 up'].join('\n')}\n`
}
