/**
 * A program that lives for one acquisition: secret store → keytab → ticket and service tickets in a scratch cache → live
 * cache. Only it ever sees a keytab, and only it logs in to the secret store.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { KerbsideError } from '../../src/core/errors.ts'
import { readCredentialCache } from '../../src/core/kerberos/ccache.ts'
import { readKeytab } from '../../src/core/kerberos/keytab.ts'
import { krb5Conf } from '../../src/core/kerberos/krb5-conf.ts'
import { usableKeys } from '../../src/core/kerberos/usable-keys.ts'
import type { Slice } from '../../src/core/policy/slice.ts'
import { openSecretStore, type StoreSettings } from '../../src/io/secret-stores/open.ts'
import { fetchServiceTickets, kinit } from './kinit.ts'
import { answerOneShot } from './one-shot.ts'
import { type RunFiles, runFiles } from './run-files.ts'
import { unnamedFile } from './unnamed-file.ts'

export type AcquireTask = {
  readonly store: StoreSettings
  readonly runDirectory: string
  readonly connection: Connection
}

/** The part of a slice that says who we are and where. */
export type Connection = Pick<Slice, 'principal' | 'secret' | 'cluster'>

export type Acquired = {
  /** When the ticket ends, milliseconds since the epoch. */
  readonly expiresAt: number
  readonly kvno: number
  /** CA of the cluster, PEM. */
  readonly caPem: string
  /** What went wrong without spoiling the whole, such as one NameNode that the KDC does not know. */
  readonly warnings: readonly string[]
}

const STORE_TIMEOUT_MS = 15_000

async function acquire({ store, runDirectory, connection }: AcquireTask): Promise<Acquired> {
  const files = runFiles(runDirectory)
  const { principal, cluster } = connection
  const hosts = cluster.nameNodes.map((origin) => new URL(origin).hostname)
  const secrets = await fetchSecrets(store, connection)
  const kvno = keysOf(secrets.keytab, principal)
  await mkdir(files.folder, { recursive: true, mode: 0o700 })
  // A cache that is there but empty makes libkrb5 fail with a sentence about another principal.
  await rm(files.scratchCache, { force: true })
  await writeFile(files.krb5Conf, krb5Conf({ realm: cluster.realm, kdcs: cluster.kdcs, hosts }), { mode: 0o600 })
  await kinitFrom(files, principal, secrets.keytab)
  const failures = await fetchServiceTickets(files, hosts)
  const expiresAt = await ticketEnd(files, principal, cluster.realm)
  await rename(files.scratchCache, files.cache)
  return { expiresAt, kvno, caPem: secrets.caPem, warnings: failures.map((failure) => failure.message) }
}

async function fetchSecrets(settings: StoreSettings, { secret, cluster }: Connection) {
  const store = await openSecretStore(settings)
  try {
    const signal = AbortSignal.timeout(STORE_TIMEOUT_MS)
    const ca = await store.fetch({ path: cluster.secret, key: 'ca.pem' }, signal)
    const keytab = await store.fetch({ path: secret, key: 'keytab' }, signal)
    return { caPem: pem(ca.bytes), keytab: keytab.bytes }
  } finally {
    await store.close()
  }
}

function pem(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes)
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw new KerbsideError('secret-malformed', 'the `ca.pem` of the cluster holds no certificate in PEM')
}

/** Kvno of the keys that will be used. */
function keysOf(keytab: Uint8Array, principal: string): number {
  const [key] = usableKeys(readKeytab(keytab), principal)
  return key?.kvno ?? 0
}

/** The keytab is a file without a name, and only while kinit runs. */
async function kinitFrom(files: RunFiles, principal: string, keytab: Uint8Array): Promise<void> {
  const handle = await unnamedFile(files.folder, keytab)
  keytab.fill(0)
  try {
    await kinit(files, principal, handle.fd)
  } finally {
    await handle.close()
  }
}

/** Reads the cache that was made, before it goes live: whose it is, and until when. */
async function ticketEnd(files: RunFiles, principal: string, realm: string): Promise<number> {
  const cache = readCredentialCache(await readFile(files.scratchCache))
  if (cache.principal !== principal) {
    throw new KerbsideError('kerberos-failed', `the KDC gave a ticket of \`${cache.principal}\`, not \`${principal}\``)
  }
  const ticket = cache.tickets.find(({ service }) => service === `krbtgt/${realm}@${realm}`)
  if (ticket !== undefined) return ticket.expiresAt
  throw new KerbsideError('kerberos-failed', `the credential cache has no ticket of realm \`${realm}\``)
}

await answerOneShot(acquire)
