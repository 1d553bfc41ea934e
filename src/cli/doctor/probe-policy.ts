/** Which principal and cluster policy gives this identity: told by the broker to a sidecar, read from a policy by a person. */

import { ok } from '../../core/doctor/finding.ts'
import { KerbsideError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import type { Bundle, Cluster } from '../../core/policy/bundle.ts'
import { readRevocation } from '../../core/policy/revocation.ts'
import type { Slice } from '../../core/policy/slice.ts'
import { readSlice } from '../../core/policy/slice-line.ts'
import { BROKER_REASONS } from '../../core/reasons.ts'
import type { Settings } from '../../core/settings.ts'
import { streamLines } from '../../io/broker/slice-stream.ts'
import { serviceAccountToken } from '../../io/service-account-token.ts'
import { identityOf } from '../policy/policies.ts'
import { openPolicy } from '../policy/source.ts'
import { compareKrb5Conf } from './compare-krb5-conf.ts'
import type { Connection } from './connection.ts'
import type { Given } from './place.ts'
import type { Checked, Known } from './run-checks.ts'

export async function policyProbe(
  { settings: place }: Known<'policy'>,
  signal: AbortSignal,
): Promise<Checked<'policy'>> {
  if (place.where === 'sidecar') {
    const slice = await sliceFromBroker(place.settings, signal)
    return told(slice, `by the broker, ${shortened(slice.bundle)}`)
  }
  const { policies, trust } = place.given
  const { bundle } = await openPolicy(policies, trust === undefined ? {} : { trust })
  const { findings, ...checked } = told(connectionIn(bundle, place.given), shortened(bundle.hash))
  const { krb5Conf } = place.given
  if (krb5Conf === undefined || checked.value === undefined) return { findings, ...checked }
  return { findings: [...findings, ...(await compareKrb5Conf(krb5Conf, checked.value))], ...checked }
}

function told(connection: Connection, from: string): Checked<'policy'> {
  const { principal, secret, secretsThrough, cluster } = connection
  const way = secretsThrough === undefined ? {} : { secretsThrough }
  const says = `\`${principal}\` to \`${cluster.name}\`, ${from}`
  return { findings: [ok(says)], value: { principal, secret, ...way, cluster } }
}

const shortened = (hash: string) => hash.slice(0, 'sha256:'.length + 12)

/** The first line of a stream like the sidecar's own, which goes on beside it. */
async function sliceFromBroker({ broker, identity, ca, tokenFile }: Settings, signal: AbortSignal): Promise<Slice> {
  const url = `${broker.replace(/\/+$/, '')}/v1/slices?identity=${encodeURIComponent(identity)}`
  const token = await serviceAccountToken(tokenFile)
  for await (const line of streamLines({ url, ca, token, silenceMs: SILENT_AFTER_MS, signal })) {
    if (line === '') continue
    const revoked = readRevocation(line)
    if (revoked === undefined) return readSlice(line)
    throw new KerbsideError(
      'broker-refused',
      `the broker takes the identity from this pod (${BROKER_REASONS[revoked]})`,
    )
  }
  throw new KerbsideError('broker-unreachable', 'the broker ended the connection and said nothing')
}

const SILENT_AFTER_MS = 6000

/** A principal that has no Identity yet still needs a cluster. */
function connectionIn(bundle: Bundle, { identity, principal, cluster }: Given): Connection {
  if (identity !== undefined) {
    const { slice } = identityOf(bundle, identity)
    const other = cluster === undefined ? {} : { cluster: clusterIn(bundle, cluster) }
    return { ...slice, ...(principal === undefined ? {} : { principal }), ...other }
  }
  return { principal: principal ?? '', secret: 'none', cluster: clusterIn(bundle, cluster) }
}

function clusterIn({ clusters }: Bundle, name: string | undefined): Cluster {
  const [only, ...others] = clusters.values()
  const found = name === undefined && others.length === 0 ? only : clusters.get(name ?? '')
  if (found !== undefined) return found
  const names = [...clusters.keys()]
  const near = name === undefined ? undefined : nearest(name, names)
  const hint = near === undefined ? `give \`--cluster\` one of ${names.join(', ')}` : `did you mean \`${near}\`?`
  const message = name === undefined ? 'the policy has more than one cluster' : `no cluster is called \`${name}\``
  throw new KerbsideError('bad-usage', message, { hint })
}
