/** Whether the secret store lets us in and has what a login needs. What it gives is passed on, and never shown. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { failed, notTried, ok, type Said } from '../../core/doctor/finding.ts'
import { KerbsideError, toKerbsideError } from '../../core/errors.ts'
import { CONFIGURATION_KEYS, configurationOf, type WantedSecret } from '../../core/identity/secrets-of.ts'
import type { Settings } from '../../core/settings.ts'
import { brokerStore } from '../../io/broker/broker-store.ts'
import type { Secret, SecretStore } from '../../io/secret-store.ts'
import { openSecretStore } from '../../io/secret-stores/open.ts'
import type { Connection } from './connection.ts'
import type { Given } from './place.ts'
import type { Checked, Known } from './run-checks.ts'

/** By the key of the secret: `ca.pem`, `keytab`, and Hadoop's own files. Those that are not there are absent. */
export type FetchedSecrets = ReadonlyMap<string, Uint8Array>

export async function storeProbe(
  { settings: place, policy }: Known<'store'>,
  signal: AbortSignal,
): Promise<Checked<'store'>> {
  return place.where === 'sidecar' ? fetchAll(place.settings, policy, signal) : readAll(place.given)
}

async function fetchAll(settings: Settings, connection: Connection, signal: AbortSignal): Promise<Checked<'store'>> {
  const store = await storeFor(settings, connection)
  try {
    const { secret, cluster } = connection
    const needed: readonly WantedSecret[] = [
      { path: secret, key: 'keytab' },
      { path: cluster.secret, key: 'ca.pem' },
    ]
    const wanted = [...needed, ...configurationOf(cluster)]
    const outcomes = await Promise.all(wanted.map((ref) => fetched(store, ref, signal)))
    const problems = outcomes.filter((outcome) => 'problem' in outcome)
    const there = outcomes.filter((outcome) => 'secret' in outcome)
    const findings = [...whatIsThere(there, settings, connection), ...whatIsNot(problems, needed)]
    if (there.length === 0) return { findings }
    return { findings, value: new Map(there.map(({ ref, secret: { bytes } }) => [ref.key, bytes])) }
  } finally {
    await store.close()
  }
}

async function storeFor(settings: Settings, { secretsThrough }: Connection): Promise<SecretStore> {
  if (secretsThrough !== 'broker') return openSecretStore(settings)
  const { broker: url, identity, ca, tokenFile } = settings
  return brokerStore({ url, identity, ca, tokenFile })
}

type Got = { readonly ref: WantedSecret; readonly secret: Secret }
type NotGot = { readonly ref: WantedSecret; readonly problem: KerbsideError }

const fetched = (store: SecretStore, ref: WantedSecret, signal: AbortSignal): Promise<Got | NotGot> =>
  store.fetch(ref, signal).then(
    (secret) => ({ ref, secret }),
    (thrown: unknown) => ({ ref, problem: toKerbsideError(thrown) }),
  )

function whatIsThere(there: readonly Got[], { store }: Settings, { secretsThrough }: Connection): readonly Said[] {
  if (there.length === 0) return []
  // The version of a file is its place on a disk, which says nothing to a person.
  const versions = there.map(({ ref, secret: { version } }) =>
    store === 'files' || secretsThrough === 'broker' ? `\`${ref.key}\`` : `\`${ref.key}\` version ${version}`,
  )
  return [ok(`${secretsThrough === 'broker' ? 'the broker hands out' : 'it has'} ${versions.join(', ')}`)]
}

/** Hadoop's files may be absent, as long as one of them is there; a login that fails fails for all alike. */
function whatIsNot(problems: readonly NotGot[], needed: readonly WantedSecret[]): readonly Said[] {
  const configuration = problems.filter(({ ref }) => !needed.includes(ref))
  const told =
    configuration.length === CONFIGURATION_KEYS.length ? problems : problems.filter((one) => needed.includes(one.ref))
  const byMessage = new Map(told.map(({ problem, ref }) => [problem.message, { problem, ref }]))
  return [...byMessage.values()].map(({ problem, ref }) =>
    failed(problem, undefined, needed.includes(ref) ? 'fail' : 'warn'),
  )
}

/** The files that a person named stand for what a store would have. */
async function readAll({ keytab, ca, hadoopConf }: Given): Promise<Checked<'store'>> {
  const files = [
    ...(keytab === undefined ? [] : [{ key: 'keytab', file: keytab }]),
    ...(ca === undefined ? [] : [{ key: 'ca.pem', file: ca }]),
  ]
  const value = new Map<string, Uint8Array>()
  const findings: Said[] = []
  for (const { key, file } of files) {
    try {
      value.set(key, await readFile(file))
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
      findings.push(failed(new KerbsideError('secret-not-found', `\`${file}\` cannot be read: ${code}`), key))
    }
  }
  for (const key of hadoopConf === undefined ? [] : CONFIGURATION_KEYS) {
    const bytes = await readFile(join(hadoopConf ?? '', key)).catch(() => undefined)
    if (bytes !== undefined) value.set(key, bytes)
  }
  const names = [...value.keys()].map((key) => `\`${key}\``).join(', ')
  if (value.size > 0) findings.unshift(ok(`files instead of a store: ${names}`))
  return { findings: findings.length > 0 ? findings : [notTried('neither --keytab nor --ca is given')], value }
}
