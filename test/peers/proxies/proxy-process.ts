/** A proxy of another make in front of the lab's HDFS: a JVM inside the lab, with its log among the lab's, ended by whoever started it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Lab } from '../../lab/lab.ts'

export type ProxyProcess = {
  readonly pid: number
  stop(): Promise<void>
}

const proxyFolder = ({ folder }: Lab, name: string): string => join(folder.path, name)

export type ProxyProgram = {
  /** Its folder in the lab's, and its log there, are called so. */
  readonly name: string
  readonly flags: readonly string[]
  readonly classPath: readonly string[]
  readonly main: string
  readonly args?: readonly string[]
  /** Whether it serves HDFS, asked of it as a client asks. */
  readonly ready: () => Promise<boolean>
}

/** A heap as operators give it, and the full compiler: a peer is not to look slow for want of either. */
const HEAP = ['-Xmx512m', '-XX:-UsePerfData', '-XX:+UseParallelGC'] as const
/** Knox takes 15 s on two idle cores, and more than a minute on busy ones. */
const READY_MS = 180_000
/** How long to wait for an answer before asking again. */
export const READY_ANSWER_MS = 10_000
const LAST_LINES = 15

/** The proxy's own folder in the lab's, made here, empty, and removed with the lab. */
export function makeProxyFolder(lab: Lab, name: string): string {
  const path = proxyFolder(lab, name)
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true })
  return path
}

/** @throws Error with the last lines of its log when it ends, or does not serve in time */
export async function startProxy(lab: Lab, program: ProxyProgram): Promise<ProxyProcess> {
  const { name, flags, classPath, main, args = [], ready } = program
  const logFile = lab.files.log(name)
  const log = openSync(logFile, 'a')
  const words = [...HEAP, ...javaFlags(lab), ...flags, '-cp', classPath.join(':'), main, ...args]
  const child = spawn('java', words, { stdio: ['ignore', log, log], cwd: proxyFolder(lab, name) })
  closeSync(log)
  const ended = once(child, 'exit')
  const stop = async () => {
    if (hasEnded(child)) return
    child.kill('SIGKILL')
    await ended
  }
  const until = Date.now() + READY_MS
  while (!(await ready().catch(() => false))) {
    if (!hasEnded(child) && Date.now() < until) {
      await wait(200)
      continue
    }
    await stop()
    const last = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LAST_LINES).join('\n  ')
    throw new Error(`${name} does not serve the lab's HDFS\n  ${last}`)
  }
  return { pid: child.pid ?? 0, stop }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

/** What the lab's own Java programs are given, for the same reasons; and trust in its authority. */
export function javaFlags({ files }: Lab): string[] {
  return [
    '-Djava.net.preferIPv4Stack=true',
    `-Djava.security.krb5.conf=${files.krb5Conf}`,
    `-Djavax.net.ssl.trustStore=${files.truststore}`,
    '--add-opens=java.base/java.lang=ALL-UNNAMED',
  ]
}
