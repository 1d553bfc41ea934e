/** The krb5.conf that libkrb5 gets from us, instead of the machine's: nothing in it asks DNS who a server is. */
import { KerbsideError } from '../errors.ts'
import { ACCEPTED_ENCTYPES } from './enctype.ts'

export type Realm = {
  readonly realm: string
  /** `kdc.lab:88`, tried in this order. */
  readonly kdcs: readonly string[]
  /** Realm through which its principals get to the services, where the two do not trust each other by themselves. */
  readonly via?: string
}

export type Krb5Settings = {
  /** The realm of the services; it comes first. Others are those whose principals it trusts. */
  readonly realms: readonly [Realm, ...Realm[]]
  /** Hosts of the NameNodes, so that their realm is never guessed. */
  readonly hosts: readonly string[]
}

/**
 * Text of a krb5.conf. `udp_preference_limit = 1` asks by TCP first: tickets with AD groups do not fit in a datagram. With
 * canonicalization by DNS off, the service asked for is the host of the URL and nothing that a name server chose.
 * @throws KerbsideError `bad-slice` for a value that would end its line or section
 */
export function krb5Conf({ realms, hosts }: Krb5Settings): string {
  const [{ realm: home }, ...others] = realms
  for (const value of [...realms.flatMap(({ realm, kdcs, via }) => [realm, ...kdcs, via ?? realm]), ...hosts]) {
    if (!/^[A-Za-z0-9._:[\]-]+$/.test(value))
      throw new KerbsideError('bad-slice', `\`${value}\` cannot stand in krb5.conf`)
  }
  const enctypes = ACCEPTED_ENCTYPES.join(' ')
  return [
    '[libdefaults]',
    `  default_realm = ${home}`,
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
    ...realms.flatMap(({ realm, kdcs }) => [`  ${realm} = {`, ...kdcs.map((kdc) => `    kdc = ${kdc}`), '  }']),
    '[domain_realm]',
    ...hosts.map((host) => `  ${host} = ${home}`),
    // The way of a ticket is written out: otherwise libkrb5 derives it from the dots in the names of realms.
    ...(others.length === 0 ? [] : ['[capaths]']),
    ...others.flatMap(({ realm, via }) => [`  ${realm} = {`, `    ${home} = ${via ?? '.'}`, '  }']),
    '',
  ].join('\n')
}
