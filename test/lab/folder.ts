/** Where everything of a lab lies, and whether the lab that left it there still lives. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import type { LabFolder } from './part.ts'

// Not the temporary folder of the environment: `down` must find what `up` made, whoever calls it.
const LABS = '/tmp'
const PREFIX = 'kerbside-lab-'

export function labFolder(name: string): LabFolder {
  const override = process.env['KERBSIDE_LAB_CACHE']
  const cache = override ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kerbside', 'lab')
  return {
    name,
    path: join(LABS, `${PREFIX}${name}`),
    cache: resolve(cache),
    cgroup: `/${PREFIX}${name}`,
  }
}

/** The lab that lies at `path`, for instance at what KERBSIDE_LAB says. */
export function labFolderAt(path: string): LabFolder {
  return labFolder(basename(path).slice(PREFIX.length))
}

/** Every lab with a folder on this machine, in whatever state. */
export function allLabs(): LabFolder[] {
  return readdirSync(LABS)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => labFolderAt(name))
}

/**
 * Makes the folder of a lab that this process is starting. The mark of the starter is in it from the first moment, so that
 * nobody takes it for one left behind. False when another process was faster.
 */
export function makeFolder(folder: LabFolder): boolean {
  const unfinished = mkdtempSync(join(LABS, '.kerbside-'))
  const files = labFiles({ path: unfinished })
  chmodSync(unfinished, 0o755)
  mkdirSync(join(unfinished, 'log'))
  writeFileSync(files.starter, readFileSync('/proc/self/stat'))
  writeFileSync(files.numbering, numbering())
  try {
    renameSync(unfinished, folder.path)
    return true
  } catch {
    rmSync(unfinished, { recursive: true })
    return false
  }
}

/** Which set of process numbers the marks of a lab are from: a container has its own, and reads no other's. */
const numbering = (): string => readlinkSync('/proc/self/ns/pid')

/** The files that more than one part, test or demo needs to find. All absolute. */
export function labFiles(folder: Pick<LabFolder, 'path'>) {
  const at = (...names: string[]) => join(folder.path, ...names)
  return {
    krb5Conf: at('krb5.conf'),
    kdcConf: at('kdc', 'kdc.conf'),
    /** Keytab of a team's principal, for instance `quant`; mode 0600. */
    keytab: (name: string) => at('keytabs', `${name}.keytab`),
    /** The lab's private authority, which signed every certificate in the lab. */
    authority: at('tls', 'ca.pem'),
    authorityKey: at('tls', 'ca.key'),
    /** The same authority for Java; the password is `changeit`. */
    truststore: at('tls', 'ca.jks'),
    /** A Hadoop client's core-site.xml and hdfs-site.xml. */
    hadoopConf: at('hadoop', 'client'),
    hosts: at('hosts'),
    /** Names of Kubernetes Services, in the same form. */
    serviceHosts: at('service-hosts'),
    resolvConf: at('resolv.conf'),
    log: (daemon: string) => at('log', `${daemon}.log`),
    control: at('control.sock'),
    /** `/proc/PID/stat` of the namespace's first process, as seen from outside, written by itself. */
    init: at('init.stat'),
    /** The same of the process that is starting the lab; removed when the lab stands. */
    starter: at('starter.stat'),
    /** The process namespace whose numbers the two marks are. */
    numbering: at('numbering'),
    /** Why the lab ended, when nobody asked it to. */
    death: at('death.txt'),
  }
}

/** A process that cannot be mistaken for a later one with the same id. */
export type ProcessMark = { readonly pid: number; readonly startedTicks: number }

/** Reads a line of `/proc/PID/stat` (proc(5)); the command's name may hold spaces and brackets. */
export function readMark(stat: string): ProcessMark | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const mark = { pid: Number.parseInt(stat, 10), startedTicks: Number(fields[19]) }
  return Number.isInteger(mark.pid) && Number.isInteger(mark.startedTicks) ? mark : undefined
}

/** A zombie is dead: all it holds is its number. */
export function isAlive(mark: ProcessMark): boolean {
  const stat = readText(`/proc/${mark.pid}/stat`)
  return stat !== undefined && readMark(stat)?.startedTicks === mark.startedTicks && !/\) [ZX] /.test(stat)
}

export type LabState =
  | { readonly is: 'absent' }
  /** Made in or outside a container that this process is not in: nothing can be said of it. */
  | { readonly is: 'elsewhere' }
  | { readonly is: 'starting' | 'up'; readonly init: ProcessMark | undefined }
  | { readonly is: 'stale'; readonly init: ProcessMark | undefined; readonly why: string | undefined }

/** Reads only files and /proc: works for a lab of any other process, alive or killed. */
export function labState(folder: LabFolder): LabState {
  if (!existsSync(folder.path)) return { is: 'absent' }
  const files = labFiles(folder)
  if ((readText(files.numbering) ?? numbering()) !== numbering()) return { is: 'elsewhere' }
  const init = readMark(readText(files.init) ?? '')
  const starter = readMark(readText(files.starter) ?? '')
  if (starter !== undefined && isAlive(starter)) return { is: 'starting', init }
  if (init !== undefined && isAlive(init) && starter === undefined) return { is: 'up', init }
  return { is: 'stale', init, why: readDeath(folder) }
}

/** Why the lab ended unasked, as its supervisor wrote it down. */
export function readDeath(folder: LabFolder): string | undefined {
  return readText(labFiles(folder).death)?.trim()
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
