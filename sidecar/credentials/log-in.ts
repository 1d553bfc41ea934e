/** A login in the scratch cache: a ticket by the keytab, service tickets for all NameNodes, and a look at what that gave. */
import { readFile, rm } from 'node:fs/promises'
import { KerbsideError } from '../../src/core/errors.ts'
import { type CredentialCache, readCredentialCache } from '../../src/core/kerberos/ccache.ts'
import type { KdcStatus } from '../../src/core/kerberos/kdc-order.ts'
import { kerberosError } from '../../src/core/kerberos/kinit-errors.ts'
import { krb5Conf } from '../../src/core/kerberos/krb5-conf.ts'
import type { SliceCluster } from '../../src/core/policy/slice.ts'
import { kinit, kvno, type Login } from '../../src/io/kerberos/kinit.ts'
import { showUnlessHeldBack } from '../../src/io/kerberos/refused-keytab.ts'
import { writeRunFile } from '../../src/io/kerberos/run-files.ts'
import { askInTurn } from './kdc-choice.ts'

const KVNO_WITHIN_MS = 12_000

export type LogIn = Login & {
  readonly cluster: SliceCluster
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
  const { files, principal, keytab, cluster, kdcs, signal, onStatus } = login
  const hosts = cluster.nameNodes.map((origin) => new URL(origin).hostname)
  const attempt = async (order: readonly string[], bound: AbortSignal) => {
    // A cache that is there but empty makes libkrb5 fail with a sentence about another principal.
    await rm(files.scratchCache, { force: true })
    await writeRunFile(files.scratchConf, krb5Conf({ realms: [{ realm: cluster.realm, kdcs: order }], hosts }))
    await kinit(login, bound)
  }
  await showUnlessHeldBack(files.refused, keytab, principal, () => askInTurn(kdcs, { work: attempt, signal, onStatus }))
  const said = await kvno(files, hosts, AbortSignal.any([signal, AbortSignal.timeout(KVNO_WITHIN_MS)]))
  const cache = readCredentialCache(await readFile(files.scratchCache))
  const failures = hosts.filter((host) => !holds(cache, host)).map((host) => whyNot(host, said))
  const [first] = failures
  if (first !== undefined && failures.length === hosts.length) throw first
  return { lifeMs: lifeOf(cache, principal), clockOffsetMs: cache.kdcOffsetMs, failures }
}

const holds = ({ tickets }: CredentialCache, host: string) =>
  tickets.some(({ service }) => service.startsWith(`HTTP/${host}@`))

/** kvno says a line for each host that it got no ticket for. */
function whyNot(host: string, said: string): KerbsideError {
  const line = said.split('\n').find((each) => each.includes(`HTTP/${host}@`))
  return kerberosError(`ticket for \`HTTP@${host}\``, line ?? said)
}

/** How long the ticket in a cache holds, once it is sure whose it is. */
function lifeOf({ principal: got, tickets }: CredentialCache, principal: string): number {
  if (got !== principal)
    throw new KerbsideError('kerberos-failed', `the KDC gave a ticket of \`${got}\`, not \`${principal}\``)
  const realm = principal.slice(principal.lastIndexOf('@') + 1)
  const ticket = tickets.find(({ service }) => service === `krbtgt/${realm}@${realm}`)
  if (ticket !== undefined) return ticket.expiresAt - ticket.startsAt
  throw new KerbsideError('kerberos-failed', `the credential cache has no ticket of realm \`${realm}\``)
}
