/** Names of the files in the memory-backed run folder, which only the sidecar mounts. Kubernetes makes it open to all users. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KerbsideError } from '../../core/errors.ts'

export type RunFiles = {
  /** Mode 0700. */
  readonly folder: string
  readonly krb5Conf: string
  /** Where the next one is tried. */
  readonly scratchConf: string
  /** The live credential cache: replaced by rename, never written to. */
  readonly cache: string
  /** Where the next one is made. */
  readonly scratchCache: string
  /** What became of a keytab that the KDC refused: outlives a restart of the container. */
  readonly refused: string
}

export function runFiles(runDirectory: string): RunFiles {
  const folder = join(runDirectory, 'kerberos')
  return {
    folder,
    krb5Conf: join(folder, 'krb5.conf'),
    scratchConf: join(folder, 'krb5.conf.next'),
    cache: join(folder, 'ticket'),
    scratchCache: join(folder, 'ticket.next'),
    refused: join(runDirectory, 'refused-keytab.json'),
  }
}

/** Work on the run folder. @throws KerbsideError `disk-full` or `io-failed` */
export async function inRunFolder<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof KerbsideError) throw cause
    const { code = 'unknown' } = cause as NodeJS.ErrnoException
    const isFull = code === 'ENOSPC' || code === 'EDQUOT'
    const hint = 'the volume `kerbside-run` of the pod is a small one in memory, for the sidecar alone'
    throw new KerbsideError(isFull ? 'disk-full' : 'io-failed', `the run folder cannot be written: ${code}`, {
      cause,
      ...(isFull ? { hint } : {}),
    })
  }
}

export const makeRunFolder = ({ folder }: RunFiles): Promise<unknown> =>
  inRunFolder(() => mkdir(folder, { recursive: true, mode: 0o700 }))

/** Whole or not at all, for the sidecar alone. @throws KerbsideError `disk-full` or `io-failed` */
export async function writeRunFile(file: string, text: string): Promise<void> {
  await inRunFolder(async () => {
    await writeFile(`${file}.new`, text, { mode: 0o600 })
    await rename(`${file}.new`, file)
  })
}

/**
 * The whole environment of a process that speaks Kerberos. Without a client keytab libkrb5 cannot log in by itself, so that
 * traffic never causes a login; the C locale keeps its sentences the ones that we know.
 */
export function kerberosEnv(krb5Conf: string, cache: string): Record<string, string> {
  return {
    KRB5_CONFIG: krb5Conf,
    KRB5CCNAME: `FILE:${cache}`,
    KRB5_KTNAME: 'FILE:/nonexistent',
    KRB5_CLIENT_KTNAME: 'FILE:/nonexistent',
    KRB5RCACHENAME: 'none:',
    LC_ALL: 'C',
    PATH: '/usr/bin:/bin',
  }
}
