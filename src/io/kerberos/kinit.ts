/** Runs kinit and kvno: a ticket from a keytab, and service tickets for every NameNode, in a scratch cache. No shell. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { KerbsideError } from '../../core/errors.ts'
import { type Hop, kerberosError } from '../../core/kerberos/kinit-errors.ts'
import { inRunFolder, kerberosEnv, type RunFiles } from './run-files.ts'
import { unnamedFile } from './unnamed-file.ts'

/** Ends the program when it aborts: libkrb5 before 1.22 waits 30 s for a KDC that accepts and says nothing, and asks twice. */
type Bound = AbortSignal

/** Descriptor of the keytab in kinit: the first after stdin, stdout and stderr. */
const KEYTAB_DESCRIPTOR = 3

export type Login = { readonly files: RunFiles; readonly principal: string; readonly keytab: Uint8Array }

/**
 * The keytab is a file without a name, and only while kinit runs.
 * @throws KerbsideError why the KDC gave no ticket; `kdc-silent` is told by the signal
 */
export async function kinit({ files, principal, keytab }: Login, bound: Bound): Promise<void> {
  const handle = await inRunFolder(() => unnamedFile(files.folder, keytab))
  try {
    const file = `FILE:/proc/self/fd/${KEYTAB_DESCRIPTOR}`
    const args = ['-k', '-t', file, '-c', `FILE:${files.scratchCache}`, '--', principal]
    const result = await run({ program: 'kinit', args, files, descriptor: handle.fd }, bound)
    if (result.exitCode !== 0) throw kerberosError(`kinit for \`${principal}\``, result.stderr)
  } finally {
    await handle.close()
  }
}

/** Service tickets for `HTTP@host` of each host, into the scratch cache, so that a failover needs no KDC. Gives back what it said. */
export async function kvno(files: RunFiles, hosts: readonly string[], bound: Bound): Promise<string> {
  const { stderr } = await run({ program: 'kvno', args: ['-q', '-S', 'HTTP', '--', ...hosts], files }, bound)
  return stderr
}

/** A ticket for the KDC of the next realm, into the scratch cache. Gives back what was wrong, if anything. */
export async function kvnoOfRealm(files: RunFiles, { from, to }: Hop, bound: Bound): Promise<string | undefined> {
  const { exitCode, stderr } = await run({ program: 'kvno', args: ['-q', '--', `krbtgt/${to}@${from}`], files }, bound)
  return exitCode === 0 ? undefined : stderr
}

type Run = {
  readonly program: 'kinit' | 'kvno'
  readonly args: readonly string[]
  readonly files: RunFiles
  readonly descriptor?: number
}

async function run({ program, args, files, descriptor }: Run, signal: Bound) {
  const child = spawn(program, args, {
    env: kerberosEnv(files.scratchConf, files.scratchCache),
    stdio: ['ignore', 'ignore', 'pipe', ...(descriptor === undefined ? [] : [descriptor])],
    signal,
    killSignal: 'SIGKILL',
  })
  const ended = new Promise<number | undefined>((resolve, reject) => {
    child.on('error', (error) => (error.name === 'AbortError' ? resolve(undefined) : reject(error)))
    child.on('close', (code) => resolve(code ?? undefined))
  })
  try {
    const [stderr, exitCode] = await Promise.all([text(child.stderr as NonNullable<typeof child.stderr>), ended])
    if (exitCode === undefined && !child.killed) {
      throw new KerbsideError('kerberos-failed', `${program} died by ${child.signalCode}`)
    }
    if (exitCode === undefined) throw new KerbsideError('kdc-unreachable', `${program}: no KDC answered in time`)
    return { exitCode, stderr }
  } catch (error) {
    if (error instanceof KerbsideError) throw error
    throw new KerbsideError('kerberos-failed', `${program} cannot be run: ${String((error as Error).message)}`, {
      hint: 'the image must have kinit and kvno of MIT Kerberos in /usr/bin',
      cause: error,
    })
  }
}
