/** The realms that a ticket passes on its way from a principal to the services of a cluster, by trusts that policy writes out. */
import { KerbsideError } from '../errors.ts'

export type Realm = {
  readonly realm: string
  /** `kdc.lab:88`. */
  readonly kdcs: readonly string[]
}

/** A realm whose principals the realm of the cluster trusts. */
export type TrustedRealm = Realm & {
  /** The realm between, where it is not trusted directly: itself one of those that are trusted. */
  readonly via?: string
}

/** The part of a cluster that says which realms there are. */
export type RealmsOfCluster = Realm & { readonly realms?: readonly TrustedRealm[] }

/** `[own, …, home]`: both ends and what lies between; one realm where the two are the same. */
export type RealmPath = readonly [Realm, ...Realm[]]

/** `CORP` of `quant@CORP`. */
export const realmOf = (principal: string): string => principal.slice(principal.lastIndexOf('@') + 1)

/**
 * From the realm of a principal to that of the cluster.
 * @throws KerbsideError `bad-slice` for a realm that is not named, and for a way that leads back to where it was
 */
export function realmPath(principal: string, { realm: home, kdcs: ofHome, realms = [] }: RealmsOfCluster): RealmPath {
  const onward = (at: string, passed: readonly TrustedRealm[]): RealmPath => {
    if (at === home) return [{ realm: home, kdcs: ofHome }]
    const next = realms.find(({ realm }) => realm === at)
    if (next === undefined) throw bad(`realm \`${at}\` is not one of the realms of the cluster`)
    if (passed.includes(next)) throw bad(`the way from realm \`${at}\` to \`${home}\` leads in a circle`)
    const { realm, kdcs, via = home } = next
    return [{ realm, kdcs }, ...onward(via, [...passed, next])]
  }
  return onward(realmOf(principal), [])
}

/** The KDCs of all of them, each once: one may serve several realms. */
export const kdcsOf = (path: RealmPath): readonly string[] => [...new Set(path.flatMap(({ kdcs }) => kdcs))]

const bad = (message: string) => new KerbsideError('bad-slice', message)
