/** The krb5.conf that libkrb5 gets from us, instead of the machine's: nothing in it asks DNS who a server is. */
import { KerbsideError } from '../errors.ts'
import { ACCEPTED_ENCTYPES } from './enctype.ts'
import type { Realm, RealmPath } from './realm-path.ts'

export type Krb5Settings = {
  /** From the realm of the principal to that of the services; the KDCs of each are tried in this order. */
  readonly path: RealmPath
  /** Hosts of the NameNodes, so that their realm is never guessed. */
  readonly hosts: readonly string[]
}

/**
 * Text of a krb5.conf. `udp_preference_limit = 1` asks by TCP first: tickets with AD groups do not fit in a datagram. With
 * canonicalization by DNS off, the service asked for is the host of the URL and nothing that a name server chose.
 * @throws KerbsideError `bad-slice` for a value that would end its line or section
 */
export function krb5Conf({ path, hosts }: Krb5Settings): string {
  const [own] = path
  const home = path.at(-1) ?? own
  for (const value of [...path.flatMap(({ realm, kdcs }) => [realm, ...kdcs]), ...hosts]) {
    if (!/^[A-Za-z0-9._:[\]-]+$/.test(value))
      throw new KerbsideError('bad-slice', `\`${value}\` cannot stand in krb5.conf`)
  }
  const enctypes = ACCEPTED_ENCTYPES.join(' ')
  return [
    '[libdefaults]',
    `  default_realm = ${own.realm}`,
    '  udp_preference_limit = 1',
    '  dns_lookup_kdc = false',
    '  dns_lookup_realm = false',
    '  dns_canonicalize_hostname = false',
    '  rdns = false',
    '  qualify_shortname = ""',
    '  forwardable = false',
    '  proxiable = false',
    `  permitted_enctypes = ${enctypes}`,
    // Known from krb5 1.22 on; older ones ignore it and wait 30 s for a silent KDC.
    '  request_timeout = 10s',
    '[realms]',
    ...path.flatMap(({ realm, kdcs }) => [`  ${realm} = {`, ...kdcs.map((kdc) => `    kdc = ${kdc}`), '  }']),
    '[domain_realm]',
    ...hosts.map((host) => `  ${host} = ${home.realm}`),
    ...capaths(path),
    '',
  ].join('\n')
}

/** The way of a ticket is written out: otherwise libkrb5 derives it from the dots in the names of realms. */
function capaths([own, ...further]: RealmPath): readonly string[] {
  if (further.length === 0) return []
  const ways = further.map((to, index) => ({ to, through: further.slice(0, index) }))
  const names = (through: readonly Realm[]) => (through.length === 0 ? ['.'] : through.map(({ realm }) => realm))
  const lines = ways.flatMap(({ to, through }) => names(through).map((name) => `    ${to.realm} = ${name}`))
  return ['[capaths]', `  ${own.realm} = {`, ...lines, '  }']
}
