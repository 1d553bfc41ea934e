/** A login in the scratch cache: a ticket by the keytab, the way to the realm of the cluster, service tickets for all NameNodes, and a look at what that gave. */
import { readFile, rm } from 'node:fs/promises'
import { KerbsideError } from '../../src/core/errors.ts'
import { type CredentialCache, readCredentialCache } from '../../src/core/kerberos/ccache.ts'
import type { KdcStatus } from '../../src/core/kerberos/kdc-order.ts'
import { type Hop, kerberosError, trustError } from '../../src/core/kerberos/kinit-errors.ts'
import type { RealmPath } from '../../src/core/kerberos/realm-path.ts'
import type { SliceCluster } from '../../src/core/policy/slice.ts'
import { kinit, kvno, kvnoOfRealm, type Login } from '../../src/io/kerberos/kinit.ts'
import { showUnlessHeldBack } from '../../src/io/kerberos/refused-keytab.ts'
import { realmTurns } from './realm-turns.ts'

export type LogIn = Login & {
  readonly path: RealmPath
  readonly cluster: SliceCluster
  /** Of all realms on the path. */
  readonly kdcs: readonly KdcStatus[]
  readonly signal: AbortSignal
  readonly onStatus: (kdcs: readonly KdcStatus[]) => void
}

export type LoggedIn = {
  readonly lifeMs: number
  readonly clockOffsetMs: number
  /** One for each NameNode without a service ticket. */
  readonly failures: readonly KerbsideError[]
}

/** @throws KerbsideError when there is no ticket, not ours, or none for any NameNode */
export async function logIn(login: LogIn): Promise<LoggedIn> {
  const { files, principal, keytab, cluster, path } = login
  const hosts = cluster.nameNodes.map((origin) => new URL(origin).hostname)
  const inTurn = realmTurns({ ...login, hosts })
  const [own, ...further] = path
  const authenticate = async (bound: AbortSignal) => {
    // A cache that is there but empty makes libkrb5 fail with a sentence about another principal.
    await rm(files.scratchCache, { force: true })
    await kinit(login, bound)
  }
  await showUnlessHeldBack(files.refused, keytab, principal, () => inTurn(own, authenticate))
  let at = own
  let by: Hop | undefined
  for (const next of further) {
    const hop = { from: at.realm, to: next.realm }
    const problem = await inTurn(at, (bound) => kvnoOfRealm(files, hop, bound))
    if (problem !== undefined) throw trustError(hop, problem, by)
    by = hop
    at = next
  }
  const said = await inTurn(at, (bound) => kvno(files, hosts, bound))
  const cache = readCredentialCache(await readFile(files.scratchCache))
  const failures = hosts.filter((host) => !holds(cache, host)).map((host) => whyNot(host, said, by))
  const [first] = failures
  if (first !== undefined && failures.length === hosts.length) throw first
  return { lifeMs: lifeOf(cache, principal, own.realm), clockOffsetMs: cache.kdcOffsetMs, failures }
}

const holds = ({ tickets }: CredentialCache, host: string) =>
  tickets.some(({ service }) => service.startsWith(`HTTP/${host}@`))

/** kvno says a line for each host that it got no ticket for. */
function whyNot(host: string, said: string, by: Hop | undefined): KerbsideError {
  const line = said.split('\n').find((each) => each.includes(`HTTP/${host}@`))
  return kerberosError(`ticket for \`HTTP@${host}\``, line ?? said, by)
}

/** How long all tickets in a cache hold, once it is sure whose it is: another realm may give shorter ones than our own. */
function lifeOf({ principal: got, tickets }: CredentialCache, principal: string, realm: string): number {
  if (got !== principal)
    throw new KerbsideError('kerberos-failed', `the KDC gave a ticket of \`${got}\`, not \`${principal}\``)
  const ticket = tickets.find(({ service }) => service === `krbtgt/${realm}@${realm}`)
  if (ticket === undefined) {
    throw new KerbsideError('kerberos-failed', `the credential cache has no ticket of realm \`${realm}\``)
  }
  return Math.min(...tickets.map(({ expiresAt }) => expiresAt)) - ticket.startsAt
}
