/** Questions to the KDCs of one realm after another: in each, whoever is dead or silent is asked last, and the krb5.conf of the try says so. */
import { KerbsideError } from '../../src/core/errors.ts'
import { type KdcStatus, kdcOrder, statusesOf, withNews } from '../../src/core/kerberos/kdc-order.ts'
import { krb5Conf } from '../../src/core/kerberos/krb5-conf.ts'
import type { Realm, RealmPath } from '../../src/core/kerberos/realm-path.ts'
import { type RunFiles, writeRunFile } from '../../src/io/kerberos/run-files.ts'
import { askInTurn } from './kdc-choice.ts'

export type TurnsOptions = {
  readonly path: RealmPath
  readonly files: RunFiles
  readonly hosts: readonly string[]
  /** Of all realms on the path. */
  readonly kdcs: readonly KdcStatus[]
  readonly signal: AbortSignal
  readonly onStatus: (kdcs: readonly KdcStatus[]) => void
}

/** Does some work of which only the KDCs of this realm are asked, until one answers or none is left. */
export type InTurn = <T>(realm: Realm, work: (bound: AbortSignal) => Promise<T>) => Promise<T>

export function realmTurns({ path, files, hosts, kdcs, signal, onStatus }: TurnsOptions): InTurn {
  let known = kdcs
  const learn = (news: readonly KdcStatus[]) => {
    known = withNews(known, news)
    onStatus(known)
  }
  const inOrder = (realm: Realm): Realm => ({ ...realm, kdcs: kdcOrder(statusesOf(known, realm.kdcs)) })
  return async ({ realm, kdcs: own }, work) => {
    const attempt = async (bound: AbortSignal) => {
      const [first, ...others] = path
      await writeRunFile(files.scratchConf, krb5Conf({ path: [inOrder(first), ...others.map(inOrder)], hosts }))
      return await work(bound)
    }
    try {
      return await askInTurn(statusesOf(known, own), { work: attempt, signal, onStatus: learn })
    } catch (thrown) {
      if (path.length === 1 || !(thrown instanceof KerbsideError) || thrown.code !== 'kdc-unreachable') throw thrown
      const { code, message, hint } = thrown
      throw new KerbsideError(code, `realm \`${realm}\`: ${message}`, {
        cause: thrown,
        ...(hint === undefined ? {} : { hint }),
      })
    }
  }
}
