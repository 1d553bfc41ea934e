/** Where everything of a lab lies, and whether the lab that left it there still lives. */
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { LabFolder } from './part.ts'

// Not the temporary folder of the environment: `down` must find what `up` made, whoever calls it.
const LABS = '/tmp'

export function labFolder(name: string): LabFolder {
  const override = process.env['KERBSIDE_LAB_CACHE']
  const cache = override ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'kerbside', 'lab')
  return {
    name,
    path: join(LABS, `kerbside-lab-${name}`),
    cache: resolve(cache),
    cgroup: `/kerbside-lab-${name}`,
  }
}

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
    resolvConf: at('resolv.conf'),
    log: (daemon: string) => at('log', `${daemon}.log`),
    control: at('control.sock'),
    /** `/proc/PID/stat` of the namespace's first process, as seen from outside, written by itself. */
    init: at('init.stat'),
    /** The same of the process that is starting the lab; removed when the lab stands. */
    starter: at('starter.stat'),
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
  | { readonly is: 'starting' | 'up'; readonly init: ProcessMark | undefined }
  | { readonly is: 'stale'; readonly init: ProcessMark | undefined; readonly why: string | undefined }

/** Reads only files and /proc: works for a lab of any other process, alive or killed. */
export function labState(folder: LabFolder): LabState {
  if (!existsSync(folder.path)) return { is: 'absent' }
  const files = labFiles(folder)
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
