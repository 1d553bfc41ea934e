/** What a login needs of the secret store: the CA of the cluster and the keytab, asked for directly or through the broker, as policy says. */
import type { Slice } from '../../src/core/policy/slice.ts'
import type { Settings } from '../../src/core/settings.ts'
import { brokerStore } from '../../src/io/broker/broker-store.ts'
import type { SecretStore } from '../../src/io/secret-store.ts'
import { openSecretStore, type StoreSettings } from '../../src/io/secret-stores/open.ts'
import { authorityPem } from '../../src/io/tls/authority-pem.ts'
import { type FetchedConfiguration, fetchConfiguration } from './fetch-configuration.ts'

/** All that either way asks for. */
export type SecretsSettings = StoreSettings & Pick<Settings, 'broker' | 'identity'>

export type LoginSecrets = {
  readonly caPem: string
  readonly keytab: Uint8Array
  /** Of both. */
  readonly version: string
  /** Absent when policy names none. */
  readonly configuration: FetchedConfiguration | undefined
  /** The login was given back, or could not be. */
  readonly loggedOut: Promise<void>
}

const STORE_TIMEOUT_MS = 15_000

/** @throws KerbsideError one of the `secret-…` codes, whoever was asked */
export async function fetchSecrets(
  settings: SecretsSettings,
  { secret, cluster, secretsThrough }: Pick<Slice, 'secret' | 'cluster' | 'secretsThrough'>,
  signal: AbortSignal,
): Promise<LoginSecrets> {
  const store = await storeFor(settings, secretsThrough)
  try {
    const bound = AbortSignal.any([signal, AbortSignal.timeout(STORE_TIMEOUT_MS)])
    const [ca, keytab, configuration] = await Promise.all([
      store.fetch({ path: cluster.secret, key: 'ca.pem' }, bound),
      store.fetch({ path: secret, key: 'keytab' }, bound),
      fetchConfiguration(store, cluster, bound),
    ])
    const version = JSON.stringify([ca.version, keytab.version])
    const caPem = authorityPem(ca.bytes, 'the `ca.pem` of the cluster')
    return { caPem, keytab: keytab.bytes, version, configuration, loggedOut: store.close() }
  } catch (thrown) {
    await store.close()
    throw thrown
  }
}

async function storeFor(settings: SecretsSettings, way: Slice['secretsThrough']): Promise<SecretStore> {
  if (way !== 'broker') return openSecretStore(settings)
  const { broker: url, identity, ca, tokenFile } = settings
  return brokerStore({ url, identity, ca, tokenFile })
}
