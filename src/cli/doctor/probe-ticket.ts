/**
 * One login with the keytab, into a cache that only doctor sees. Active Directory locks accounts after a few wrong keys, so a key
 * gets one try, at one KDC that answers; one that was refused before, of which the sidecar keeps a note, gets none.
 */
import { readFile } from 'node:fs/promises'
import { duration } from '../../core/doctor/duration.ts'
import { failed, ok, type Said } from '../../core/doctor/finding.ts'
import { KerbsideError } from '../../core/errors.ts'
import { type CredentialCache, readCredentialCache } from '../../core/kerberos/ccache.ts'
import { kerberosError } from '../../core/kerberos/kinit-errors.ts'
import { krb5Conf } from '../../core/kerberos/krb5-conf.ts'
import { type RealmPath, realmOf, realmPath } from '../../core/kerberos/realm-path.ts'
import { kinit, kvno } from '../../io/kerberos/kinit.ts'
import { refusedBefore, showUnlessHeldBack } from '../../io/kerberos/refused-keytab.ts'
import { kerberosEnv, makeRunFolder, type RunFiles, runFiles, writeRunFile } from '../../io/kerberos/run-files.ts'
import { type Connection, hostOf } from './connection.ts'
import type { Place } from './place.ts'
import type { AnsweredKdc } from './probe-kdcs.ts'
import type { Checked, Known } from './run-checks.ts'
import type { Workroom } from './workroom.ts'

/** The environment in which SPNEGO finds it. */
export type DoctorTicket = { readonly env: Readonly<Record<string, string>> }

export const ticketProbe =
  (workroom: Workroom) =>
  async (known: Known<'ticket'>, signal: AbortSignal): Promise<Checked<'ticket'>> => {
    const { settings: place, policy, keytab, kdc } = known
    const { principal, cluster } = policy
    const files = filesFor(place, workroom)
    const before = await refusedBefore(files.refused, keytab, principal)
    if (before !== undefined) return { findings: [notShown(before.message, before.hint)] }
    await makeRunFolder(files)
    const hosts = cluster.nameNodes.map(hostOf)
    await writeRunFile(files.scratchConf, krb5Conf({ path: onlyAnswering(policy, kdc), hosts }))
    const show = () => kinit({ files, principal, keytab }, signal)
    try {
      await showUnlessHeldBack(files.refused, keytab, principal, show)
    } catch (thrown) {
      const said = failed(thrown)
      const says = said.code === 'kerberos-refused' ? `${said.says}; this key got one try` : said.says
      return { findings: [{ ...said, says }] }
    } finally {
      keytab.fill(0)
    }
    const said = await kvno(files, hosts, signal)
    const cache = readCredentialCache(await readFile(files.scratchCache))
    const findings = lookAtCache(cache, policy, said)
    const isUsable = findings.some(({ state }) => state === 'ok')
    return { findings, ...(isUsable ? { value: { env: kerberosEnv(files.scratchConf, files.scratchCache) } } : {}) }
  }

/** The note of what was refused is the sidecar's own: a try of ours counts there as well. */
function filesFor(place: Place, { folder }: Workroom): RunFiles {
  const files = runFiles(folder)
  return place.where === 'sidecar' ? { ...files, refused: runFiles(place.settings.runDirectory).refused } : files
}

function notShown(message: string, hint: string | undefined): Said {
  const says = `not tried again, since accounts get locked: ${message}`
  const advice = hint ?? 'another keytab in the secret store is tried at once'
  return { state: 'fail', says, advice, code: 'kerberos-refused' }
}

/** The fastest of each realm, alone: libkrb5 waits long for one that is silent, and would show the key to the next. */
function onlyAnswering({ principal, cluster }: Connection, answered: readonly AnsweredKdc[]): RealmPath {
  const [own, ...further] = realmPath(principal, cluster)
  const fastest = ({ realm }: { readonly realm: string }) => ({
    realm,
    kdcs: answered
      .filter((one) => one.realm === realm)
      .map(({ kdc }) => kdc)
      .slice(0, 1),
  })
  return [fastest(own), ...further.map(fastest)]
}

function lookAtCache(
  { principal: got, tickets }: CredentialCache,
  { principal, cluster }: Connection,
  said: string,
): readonly Said[] {
  const realm = realmOf(principal)
  const own = tickets.find(({ service }) => service === `krbtgt/${realm}@${realm}`)
  if (got !== principal || own === undefined) {
    throw new KerbsideError('kerberos-failed', `the KDC gave a ticket of \`${got}\`, not of \`${principal}\``)
  }
  const hosts = cluster.nameNodes.map(hostOf)
  const without = hosts.filter((host) => !tickets.some(({ service }) => service.startsWith(`HTTP/${host}@`)))
  const state = without.length < hosts.length ? 'warn' : 'fail'
  const missing = without.map((host) => failed(whyNot(host, said), undefined, state))
  const life = duration(own.expiresAt - own.startsAt)
  const services = hosts.length - without.length
  return services === 0
    ? missing
    : [ok(`for ${life}, and for HTTP of ${services} of ${hosts.length} NameNodes`), ...missing]
}

/** kvno says a line for each host that it got no ticket for. */
function whyNot(host: string, said: string): KerbsideError {
  const line = said.split('\n').find((each) => each.includes(`HTTP/${host}@`))
  return kerberosError(`ticket for \`HTTP@${host}\``, line ?? said)
}
