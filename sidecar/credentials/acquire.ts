/**
 * A program that lives for one acquisition: secret store → keytab → ticket and service tickets in a scratch cache → live
 * cache. Only it ever sees a keytab, and only it logs in to the secret store.
 */
import { rename } from 'node:fs/promises'
import type { KdcStatus } from '../../src/core/kerberos/kdc-order.ts'
import type { KeytabEntry } from '../../src/core/kerberos/keytab.ts'
import { readKeytab } from '../../src/core/kerberos/keytab.ts'
import { kdcsOf, realmPath } from '../../src/core/kerberos/realm-path.ts'
import { usableKeys } from '../../src/core/kerberos/usable-keys.ts'
import type { Slice } from '../../src/core/policy/slice.ts'
import { answerOneShot, type Way } from '../../src/io/answer-one-shot.ts'
import { inRunFolder, makeRunFolder, runFiles } from '../../src/io/kerberos/run-files.ts'
import { openSecretStore } from '../../src/io/secret-stores/open.ts'
import { type ConfigurationReport, toReport } from './configuration-news.ts'
import { fetchSecrets, type LoginSecrets, type SecretsSettings } from './fetch-secrets.ts'
import { probeKdcs } from './kdc-choice.ts'
import { logIn } from './log-in.ts'

export type AcquireTask = {
  readonly store: SecretsSettings
  readonly runDirectory: string
  readonly connection: Connection
  /** What the live ticket came from: nothing is done while the store still has that. */
  readonly unlessVersion?: string
}

/** The part of a slice that says who we are and where. */
export type Connection = Pick<Slice, 'principal' | 'secret' | 'secretsThrough' | 'cluster'>

export type Acquired = {
  /** How long the ticket holds from its issue. The KDC's clock alone says so, however wrong ours is. */
  readonly lifeMs: number
  readonly kvno: number
  /** Of keytab and CA in the secret store. */
  readonly version: string
  /** CA of the cluster, PEM. */
  readonly caPem: string
  /** Milliseconds that the KDC's clock is ahead of ours. */
  readonly clockOffsetMs: number
  /** What went wrong without spoiling the whole, such as one NameNode that the KDC does not know. */
  readonly warnings: readonly string[]
}

/** What is known on the way, also of an acquisition that fails. */
export type AcquireNews =
  | { readonly caPem: string }
  | { readonly kdcs: readonly KdcStatus[] }
  | { readonly configuration: ConfigurationReport }

async function acquire(task: AcquireTask, { signal, news }: Way): Promise<Acquired | 'unchanged'> {
  const { store, connection } = task
  const [secrets, kdcs] = await Promise.all([
    fetchSecrets(store, connection, signal),
    probeKdcs(kdcsOf(realmPath(connection.principal, connection.cluster))),
  ])
  // The KDC need not wait for the store to take its login back, but our end must.
  return acquireBy({ secrets, kdcs, task, signal, news }).finally(() => secrets.loggedOut)
}

type Step = Way & {
  readonly task: AcquireTask
  readonly secrets: LoginSecrets
  readonly kdcs: readonly KdcStatus[]
}

async function acquireBy({ secrets, kdcs, task, signal, news }: Step): Promise<Acquired | 'unchanged'> {
  const { runDirectory, connection, unlessVersion } = task
  const { principal, cluster } = connection
  const files = runFiles(runDirectory)
  const tell = (kdcs: readonly KdcStatus[]) => news({ kdcs } satisfies AcquireNews)
  news({ caPem: secrets.caPem } satisfies AcquireNews)
  tell(kdcs)
  if (secrets.configuration !== undefined) {
    news({ configuration: toReport(secrets.configuration) } satisfies AcquireNews)
  }
  if (secrets.version === unlessVersion) return 'unchanged'
  const keys = usableKeys(readKeytab(secrets.keytab), principal)
  await makeRunFolder(files)
  const path = realmPath(principal, cluster)
  const login = { files, principal, path, cluster, keytab: secrets.keytab, kdcs, signal, onStatus: tell }
  const { lifeMs, clockOffsetMs, failures } = await logIn(login).finally(() => secrets.keytab.fill(0))
  await inRunFolder(async () => {
    await rename(files.scratchConf, files.krb5Conf)
    await rename(files.scratchCache, files.cache)
  })
  const warnings = [...oddities(keys, principal), ...failures.map((failure) => failure.message)]
  const { version, caPem } = secrets
  return { lifeMs, kvno: keys[0]?.kvno ?? 0, version, caPem, clockOffsetMs, warnings }
}

/** Active Directory's tools write 0, which libkrb5 takes for "any"; a service that compares numbers would not. */
function oddities([key]: readonly KeytabEntry[], principal: string): readonly string[] {
  if (key?.kvno !== 0) return []
  return [`the keytab of \`${principal}\` says kvno 0, so whether it is the newest shows only when it is used`]
}

/** The code of a store, or of a cloud, takes its time; nobody is asked anything yet. */
function loadStore(store: SecretsSettings): void {
  openSecretStore(store).catch(() => undefined) // said when it is asked
}

await answerOneShot(acquire, loadStore)
