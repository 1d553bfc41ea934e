/** Reads from a credential cache whose it is and which tickets it holds until when. Format: MIT krb5, doc/formats/ccache_file_format.rst, version 4. */

import { ByteReader, Truncated, utf8Text } from '../byte-reader.ts'
import { KerbsideError } from '../errors.ts'
import { principalText } from './principal.ts'

export type CachedTicket = {
  /** `krbtgt/LAB@LAB`, `HTTP/nn1.lab@LAB`. */
  readonly service: string
  /** Milliseconds since the epoch. */
  readonly startsAt: number
  readonly expiresAt: number
}

export type CredentialCache = {
  /** `quant@LAB`. */
  readonly principal: string
  /** Milliseconds that the clock of the KDC was ahead of ours when the cache was made; 0 where the cache does not say. */
  readonly kdcOffsetMs: number
  readonly tickets: readonly CachedTicket[]
}

/** Realm of entries that are not tickets but configuration, such as libkrb5's `refresh_time`. */
const CONFIGURATION_REALM = '@X-CACHECONF:'

/** @throws KerbsideError `kerberos-failed` for bytes that are no version 4 cache */
export function readCredentialCache(bytes: Uint8Array): CredentialCache {
  try {
    const reader = new ByteReader(bytes)
    if (reader.u16() !== 0x0504) throw new KerbsideError('kerberos-failed', 'the credential cache is not of version 4')
    const kdcOffsetMs = readOffset(new ByteReader(reader.take(reader.u16())))
    const principal = readPrincipal(reader)
    const tickets: CachedTicket[] = []
    while (reader.left > 0) {
      const ticket = readTicket(reader)
      if (!ticket.service.endsWith(CONFIGURATION_REALM)) tickets.push(ticket)
    }
    return { principal, kdcOffsetMs, tickets }
  } catch (error) {
    if (error instanceof Truncated) throw new KerbsideError('kerberos-failed', 'the credential cache is cut off')
    throw error
  }
}

/** Header fields; the one that is known, tag 1, is an offset in seconds and microseconds. */
function readOffset(header: ByteReader): number {
  while (header.left > 0) {
    const tag = header.u16()
    const field = new ByteReader(header.take(header.u16()))
    if (tag === 1) return field.i32() * 1000 + field.i32() / 1000
  }
  return 0
}

function readTicket(reader: ByteReader): CachedTicket {
  readPrincipal(reader) // client
  const service = readPrincipal(reader)
  reader.skip(2) // enctype
  skipData(reader) // session key
  const authenticatedAt = reader.u32()
  // A ticket that says no start holds from its authentication (RFC 4120 §5.3).
  const startsAt = (reader.u32() || authenticatedAt) * 1000
  const expiresAt = reader.u32() * 1000
  reader.skip(4 + 1 + 4) // renew time, is_skey, flags
  skipTyped(reader) // addresses
  skipTyped(reader) // authorization data
  skipData(reader) // ticket
  skipData(reader) // second ticket
  return { service, startsAt, expiresAt }
}

function readPrincipal(reader: ByteReader): string {
  reader.skip(4) // name type
  const count = reader.u32()
  const realm = utf8Text(reader.take(reader.u32()))
  const components: string[] = []
  for (let index = 0; index < count; index++) components.push(utf8Text(reader.take(reader.u32())))
  return principalText(components, realm)
}

function skipData(reader: ByteReader): void {
  reader.skip(reader.u32())
}

function skipTyped(reader: ByteReader): void {
  for (let count = reader.u32(); count > 0; count--) {
    reader.skip(2)
    skipData(reader)
  }
}
