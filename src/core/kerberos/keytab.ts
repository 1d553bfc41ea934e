/**
 * Reads a keytab well enough to say what is wrong with it, because libkrb5 says the same for all of it ("Can't find client
 * principal"). Format: MIT krb5, doc/formats/keytab_file_format.rst. No key ever leaves this file, not even in an error.
 */

import { ByteReader, Truncated, utf8Text } from '../byte-reader.ts'
import { KerbsideError } from '../errors.ts'
import { enctypeName, keyLengthOf } from './enctype.ts'
import { principalText } from './principal.ts'

/** One key of one principal, without the key. */
export type KeytabEntry = {
  readonly principal: string
  readonly kvno: number
  /** Kerberos encryption type number, 18 for aes256-cts-hmac-sha1-96. */
  readonly enctype: number
  /** Seconds since the epoch, as the KDC's administrator wrote it. */
  readonly writtenAt: number
}

const LARGEST_KEYTAB_BYTES = 1 << 20
const MOST_ENTRIES = 4096

/**
 * All entries of a keytab in the order of the file.
 * @throws KerbsideError `keytab-malformed` that says what it is instead
 */
export function readKeytab(bytes: Uint8Array): readonly KeytabEntry[] {
  refuseWhatIsNoKeytab(bytes)
  const reader = new ByteReader(bytes)
  reader.skip(2)
  const entries: KeytabEntry[] = []
  while (reader.left > 0) {
    const at = reader.at
    const record = nextRecord(reader)
    if (record === 'end') break
    if (record === 'hole') continue
    if (entries.length === MOST_ENTRIES) throw malformed(`has more than ${MOST_ENTRIES} entries`)
    entries.push(readEntry(record, at))
  }
  if (entries.length === 0) throw malformed('has no entry')
  return entries
}

function refuseWhatIsNoKeytab(bytes: Uint8Array): void {
  if (bytes.length === 0) throw malformed('is empty')
  if (bytes.length > LARGEST_KEYTAB_BYTES) throw malformed(`is larger than ${LARGEST_KEYTAB_BYTES} bytes`)
  const [magic, version] = bytes
  if (magic === 5 && version === 2) return
  if (magic === 5 && bytes.length === 1) throw malformed('ends after 1 byte')
  if (magic === 5 && version === 1) {
    throw malformed('is of version 1, which has the byte order of the machine that wrote it', 'write it anew: ktutil')
  }
  // Bytes 05 02 00 are `BQIA` in base64, whatever follows.
  if (utf8Text(bytes.subarray(0, 4)) === 'BQIA') {
    throw malformed('is base64 text, not a keytab', 'it was encoded once too often on its way into the secret store')
  }
  throw malformed('does not begin with the bytes 05 02')
}

/** The next record's bytes. A negative length is a hole left by a removed entry; 0 is the end. */
function nextRecord(reader: ByteReader): Uint8Array | 'hole' | 'end' {
  const at = reader.at
  return orTruncated(at, () => {
    const length = reader.i32()
    if (length === 0) return 'end'
    if (length < 0) {
      reader.skip(-length)
      return 'hole'
    }
    return reader.take(length)
  })
}

function readEntry(record: Uint8Array, at: number): KeytabEntry {
  return orTruncated(at, () => {
    const reader = new ByteReader(record)
    const componentCount = reader.u16()
    const realm = utf8Text(reader.take(reader.u16()))
    const components = Array.from({ length: componentCount }, () => utf8Text(reader.take(reader.u16())))
    // libkrb5 takes it for the end, and sees nothing of what follows (kt_file.c).
    if (components.length === 0 || [realm, ...components].includes('')) {
      throw malformed(`has an entry without a whole name at byte ${at}`)
    }
    // Where a length is wrong, a name reaches into the key; names are shown, so one that is no text is not taken.
    if ([realm, ...components].some((part) => /[\p{Cc}\ufffd]/u.test(part))) {
      throw malformed(`has an entry whose name is no text at byte ${at}`)
    }
    reader.skip(4) // name type
    const writtenAt = reader.u32()
    const shortKvno = reader.u8()
    const enctype = reader.u16()
    const keyLength = reader.u16()
    reader.skip(keyLength)
    const longKvno = reader.left >= 4 ? reader.u32() : 0
    const principal = principalText(components, realm)
    if (keyLength === 0) throw malformed(`has an empty key in the entry at byte ${at}`)
    const expected = keyLengthOf(enctype)
    if (expected !== undefined && expected !== keyLength) {
      throw malformed(`has a ${enctypeName(enctype)} key of ${keyLength} bytes at byte ${at}, not of ${expected}`)
    }
    return { principal, kvno: longKvno === 0 ? shortKvno : longKvno, enctype, writtenAt }
  })
}

function orTruncated<T>(at: number, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof Truncated) throw malformed(`is cut off in the entry at byte ${at}`)
    throw error
  }
}

function malformed(what: string, hint?: string): KerbsideError {
  return new KerbsideError('keytab-malformed', `the keytab ${what}`, hint === undefined ? {} : { hint })
}
