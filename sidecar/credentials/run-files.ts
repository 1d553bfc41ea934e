/** Names of the files in the memory-backed run folder, which only the sidecar mounts. Kubernetes makes it open to all users. */
import { join } from 'node:path'

export type RunFiles = {
  /** Mode 0700. */
  readonly folder: string
  readonly krb5Conf: string
  /** The live credential cache: replaced by rename, never written to. */
  readonly cache: string
  /** Where the next one is made. */
  readonly scratchCache: string
}

export function runFiles(runDirectory: string): RunFiles {
  const folder = join(runDirectory, 'kerberos')
  return {
    folder,
    krb5Conf: join(folder, 'krb5.conf'),
    cache: join(folder, 'ticket'),
    scratchCache: join(folder, 'ticket.next'),
  }
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
