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
export function realmPath(principal: string, { realm: home, kdcs, realms = [] }: RealmsOfCluster): RealmPath {
  const between: TrustedRealm[] = []
  for (let at = realmOf(principal); at !== home; ) {
    const next = realms.find(({ realm }) => realm === at)
    if (next === undefined) throw bad(`realm \`${at}\` is not one of the realms of the cluster`)
    if (between.includes(next)) throw bad(`the way from realm \`${at}\` to \`${home}\` leads in a circle`)
    between.push(next)
    at = next.via ?? home
  }
  const path = [...between.map(({ realm, kdcs }) => ({ realm, kdcs })), { realm: home, kdcs }]
  return path as unknown as RealmPath
}

/** The KDCs of all of them, each once: one may serve several realms. */
export const kdcsOf = (path: RealmPath): readonly string[] => [...new Set(path.flatMap(({ kdcs }) => kdcs))]

const bad = (message: string) => new KerbsideError('bad-slice', message)
