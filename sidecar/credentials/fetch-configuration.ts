/**
 * The cluster's Hadoop configuration from the secret store, cut down to what clients need. Nothing about it ever keeps a login
 * from going on: what is missing or broken is told.
 */
import { KerbsideError, toKerbsideError } from '../../src/core/errors.ts'
import { clientProperties } from '../../src/core/hadoop/client-properties.ts'
import { type ConfigurationFile, readConfiguration } from '../../src/core/hadoop/read-configuration.ts'
import { configurationOf, type WantedSecret } from '../../src/core/identity/secrets-of.ts'
import type { SliceCluster } from '../../src/core/policy/slice.ts'
import type { SecretStore } from '../../src/io/secret-store.ts'
import type { ClusterProperties } from '../ports.ts'

export type FetchedConfiguration = {
  /** Undefined when it cannot be used at all: then what was there before stays. */
  readonly properties?: ClusterProperties
  readonly problems: readonly KerbsideError[]
}

/** Less than what the login may take: it waits for this, but does not need it. */
const WITHIN_MS = 5000

/** Nothing when policy names none. Never throws. */
export async function fetchConfiguration(
  store: SecretStore,
  cluster: SliceCluster,
  signal: AbortSignal,
): Promise<FetchedConfiguration | undefined> {
  const { name, configuration } = cluster
  if (configuration === undefined) return undefined
  try {
    const wanted = configurationOf(cluster)
    const bound = AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)])
    const found = (await Promise.all(wanted.map((ref) => fetchFile(store, ref, bound)))).filter(
      (it) => it !== undefined,
    )
    if (found.length === 0) {
      const names = wanted.map(({ key }) => `\`${key}\``).join(' nor ')
      throw new KerbsideError('secret-not-found', `secret \`${configuration}\` has neither ${names}`)
    }
    const { properties, problems } = clientProperties(readConfiguration(found))
    return { properties: { cluster: name, configuration, properties: [...properties] }, problems }
  } catch (thrown) {
    return { problems: [toKerbsideError(thrown)] }
  }
}

/** A byte that is no UTF-8 becomes a character that is in no value that passes; most stand in comments. */
async function fetchFile(
  store: SecretStore,
  ref: WantedSecret,
  signal: AbortSignal,
): Promise<ConfigurationFile | undefined> {
  try {
    const { bytes } = await store.fetch(ref, signal)
    return { name: ref.key, text: new TextDecoder().decode(bytes) }
  } catch (thrown) {
    if (thrown instanceof KerbsideError && thrown.code === 'secret-not-found') return undefined
    throw thrown
  }
}
