/** What the store gave, read: the keytab by its principal, the CAs of the cluster, and Hadoop's own configuration. */
import { X509Certificate } from 'node:crypto'
import { duration } from '../../core/doctor/duration.ts'
import { failed, notTried, ok, type Said } from '../../core/doctor/finding.ts'
import { KerbsideError } from '../../core/errors.ts'
import { clientProperties } from '../../core/hadoop/client-properties.ts'
import { readConfiguration } from '../../core/hadoop/read-configuration.ts'
import { CONFIGURATION_KEYS } from '../../core/identity/secrets-of.ts'
import { enctypeName } from '../../core/kerberos/enctype.ts'
import { readKeytab } from '../../core/kerberos/keytab.ts'
import { usableKeys } from '../../core/kerberos/usable-keys.ts'
import { authorityPem } from '../../io/tls/authority-pem.ts'
import type { Checked, Known } from './run-checks.ts'

/** Long before, since certificates of the next CA must be accepted before the first of them is used. */
const SOON_SHARE = 0.1

/** Principals, numbers and enctypes; of the keys themselves not even a fingerprint. */
export async function keytabProbe({ policy: { principal }, store }: Known<'keytab'>): Promise<Checked<'keytab'>> {
  const bytes = store.get('keytab')
  if (bytes === undefined) return { findings: [notTried('there is none')] }
  const entries = readKeytab(bytes)
  const keys = usableKeys(entries, principal)
  const [{ kvno, writtenAt } = { kvno: 0, writtenAt: 0 }] = keys
  const enctypes = keys.map(({ enctype }) => enctypeName(enctype).replace(/-cts.*/, '')).join(', ')
  const written = new Date(writtenAt * 1000).toISOString().slice(0, 10)
  const says = `\`${principal}\` kvno ${kvno}, ${enctypes}, written ${written}`
  const others = [...new Set(entries.map((entry) => entry.principal))].filter((name) => name !== principal)
  return { findings: [oddities({ says, kvno, others })], value: bytes }
}

type Keytab = { readonly says: string; readonly kvno: number; readonly others: readonly string[] }

function oddities({ says, kvno, others }: Keytab): Said {
  if (others.length > 0) {
    const advice = 'whoever reads this keytab can log in as them as well: write one for this principal alone'
    return { state: 'warn', says: `${says}; keys of ${others.length} more: \`${others[0]}\``, advice }
  }
  if (kvno !== 0) return ok(says)
  const advice = 'tools of Active Directory write 0 for "any"; whether it is the newest shows only when it is used'
  return { state: 'warn', says, advice }
}

export const authorityProbe =
  (clock: () => number) =>
  async ({ store }: Known<'authority'>): Promise<Checked<'authority'>> => {
    const bytes = store.get('ca.pem')
    if (bytes === undefined) return { findings: [notTried('there is none')] }
    const pem = authorityPem(bytes, '`ca.pem`')
    const parts = pem.split(/(?<=-----END CERTIFICATE-----\n)/)
    const all = parts.map((part) => new X509Certificate(part))
    return { findings: [lookAtAuthorities(all, clock())], value: pem }
  }

function lookAtAuthorities(all: readonly X509Certificate[], now: number): Said {
  const ends = all.map(({ validTo }) => Date.parse(validTo))
  const live = all.filter((_, index) => (ends[index] ?? 0) > now)
  const first = Math.min(...ends)
  const lives = all.map(({ validFrom, validTo }) => Date.parse(validTo) - Date.parse(validFrom))
  const names = `${all.length === 1 ? 'one CA' : `${all.length} CAs`}, \`${nameOf(all[0])}\``
  if (live.length === 0) {
    const says = `${names}: expired ${duration(now - first)} ago`
    return {
      state: 'fail',
      says,
      code: 'hdfs-untrusted',
      advice: 'put the CA that signs certificates now into `ca.pem`',
    }
  }
  if (!live.some(({ ca }) => ca)) {
    return {
      state: 'warn',
      says: `${names}: a certificate of a server, not of a CA`,
      advice: 'put the CA that signed it into `ca.pem`',
    }
  }
  const says = `${names}, ${live.length < all.length ? 'some expired' : `for ${duration(first - now)}`}`
  if (first - now > Math.min(...lives) * SOON_SHARE || live.length < all.length) return ok(says)
  return { state: 'warn', says, advice: 'put the next CA beside it before this one ends' }
}

const nameOf = (certificate: X509Certificate | undefined): string =>
  certificate?.subject.split('\n').at(-1)?.replace(/^\w+=/, '') ?? ''

export async function hadoopProbe({ store }: Known<'hadoop'>): Promise<Checked<'hadoop'>> {
  const files = CONFIGURATION_KEYS.flatMap((name) => {
    const bytes = store.get(name)
    return bytes === undefined ? [] : [{ name, text: new TextDecoder().decode(bytes) }]
  })
  if (files.length === 0)
    return { findings: [notTried('none is given: jobs get what Kerbside writes alone')], value: true }
  try {
    const { properties, problems } = clientProperties(readConfiguration(files))
    const says = `${files.map(({ name }) => name).join(', ')}: ${properties.size} properties for the job`
    return { findings: [ok(says), ...problems.map((problem) => failed(problem, undefined, 'warn'))], value: true }
  } catch (thrown) {
    if (!(thrown instanceof KerbsideError)) throw thrown
    // Jobs run on without it.
    return { findings: [failed(thrown, undefined, 'warn')], value: true }
  }
}
