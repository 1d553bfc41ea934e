/** The krb5.conf that libkrb5 gets from us, instead of the machine's: nothing in it asks DNS who a server is. */
import { KerbsideError } from '../errors.ts'
import { ACCEPTED_ENCTYPES } from './enctype.ts'

export type RealmSettings = {
  readonly realm: string
  /** `kdc.lab:88`, tried in this order. */
  readonly kdcs: readonly string[]
  /** Hosts of the NameNodes, so that their realm is never guessed. */
  readonly hosts: readonly string[]
}

/**
 * Text of a krb5.conf. `udp_preference_limit = 1` asks by TCP first: tickets with AD groups do not fit in a datagram. With
 * canonicalization by DNS off, the service asked for is the host of the URL and nothing that a name server chose.
 * @throws KerbsideError `bad-slice` for a value that would end its line or section
 */
export function krb5Conf({ realm, kdcs, hosts }: RealmSettings): string {
  for (const value of [realm, ...kdcs, ...hosts]) {
    if (!/^[A-Za-z0-9._:[\]-]+$/.test(value))
      throw new KerbsideError('bad-slice', `\`${value}\` cannot stand in krb5.conf`)
  }
  const enctypes = ACCEPTED_ENCTYPES.join(' ')
  return [
    '[libdefaults]',
    `  default_realm = ${realm}`,
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
    `  ${realm} = {`,
    ...kdcs.map((kdc) => `    kdc = ${kdc}`),
    '  }',
    '[domain_realm]',
    ...hosts.map((host) => `  ${host} = ${realm}`),
    '',
  ].join('\n')
}
