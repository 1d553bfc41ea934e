/** Runs kinit and kvno: a ticket from a keytab, and service tickets for every NameNode, in a scratch cache. No shell. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { KerbsideError } from '../../src/core/errors.ts'
import { kerberosError } from '../../src/core/kerberos/kinit-errors.ts'
import { kerberosEnv, type RunFiles } from './run-files.ts'

/** libkrb5 before 1.22 waits 30 s for a KDC that accepts and says nothing, and asks twice. */
const KINIT_TIMEOUT_MS = 70_000
const KVNO_TIMEOUT_MS = 35_000
/** Descriptor of the keytab in kinit: the first after stdin, stdout and stderr. */
const KEYTAB_DESCRIPTOR = 3

/** @throws KerbsideError why the KDC gave no ticket */
export async function kinit(files: RunFiles, principal: string, keytabDescriptor: number): Promise<void> {
  const keytab = `FILE:/proc/self/fd/${KEYTAB_DESCRIPTOR}`
  const args = ['-k', '-t', keytab, '-c', `FILE:${files.scratchCache}`, '--', principal]
  const result = await run('kinit', args, files, KINIT_TIMEOUT_MS, keytabDescriptor)
  if (result.exitCode !== 0) throw kerberosError(`kinit for \`${principal}\``, result.stderr)
}

/**
 * Service tickets for `HTTP@host` of each host, into the scratch cache, so that a failover needs no KDC. One host without
 * a ticket is left to the caller; @throws KerbsideError when no host has one
 */
export async function fetchServiceTickets(
  files: RunFiles,
  hosts: readonly string[],
): Promise<readonly KerbsideError[]> {
  const failures: KerbsideError[] = []
  for (const host of hosts) {
    const result = await run('kvno', ['-q', '-S', 'HTTP', '--', host], files, KVNO_TIMEOUT_MS)
    if (result.exitCode !== 0) failures.push(kerberosError(`ticket for \`HTTP@${host}\``, result.stderr))
  }
  const [first] = failures
  if (first !== undefined && failures.length === hosts.length) throw first
  return failures
}

type Ran = { readonly exitCode: number; readonly stderr: string }

async function run(
  program: 'kinit' | 'kvno',
  args: readonly string[],
  files: RunFiles,
  timeoutMs: number,
  descriptor?: number,
): Promise<Ran> {
  const child = spawn(program, args, {
    env: kerberosEnv(files.krb5Conf, files.scratchCache),
    stdio: ['ignore', 'ignore', 'pipe', ...(descriptor === undefined ? [] : [descriptor])],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  const ended = new Promise<number | undefined>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? undefined))
  })
  try {
    const [stderr, exitCode] = await Promise.all([text(child.stderr as NonNullable<typeof child.stderr>), ended])
    if (exitCode === undefined)
      throw new KerbsideError('kdc-unreachable', `${program}: no answer in ${timeoutMs / 1000} s`)
    return { exitCode, stderr }
  } catch (error) {
    if (error instanceof KerbsideError) throw error
    throw new KerbsideError('kerberos-failed', `${program} cannot be run: ${String((error as Error).message)}`, {
      hint: 'the image must have kinit and kvno of MIT Kerberos in /usr/bin',
      cause: error,
    })
  }
}
