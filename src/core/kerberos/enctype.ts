/** Encryption types of Kerberos: their names, key lengths, and which of them we accept. Numbers: IANA, Kerberos Encryption Type Numbers. */

type Enctype = { readonly name: string; readonly keyBytes: number; readonly accepted: boolean }

/** Single DES, triple DES and RC4 are broken or on their way out of every KDC (RFC 6649, RFC 8429): AES alone is accepted. */
const ENCTYPES = new Map<number, Enctype>([
  [20, { name: 'aes256-cts-hmac-sha384-192', keyBytes: 32, accepted: true }],
  [19, { name: 'aes128-cts-hmac-sha256-128', keyBytes: 16, accepted: true }],
  [18, { name: 'aes256-cts-hmac-sha1-96', keyBytes: 32, accepted: true }],
  [17, { name: 'aes128-cts-hmac-sha1-96', keyBytes: 16, accepted: true }],
  [26, { name: 'camellia256-cts-cmac', keyBytes: 32, accepted: false }],
  [25, { name: 'camellia128-cts-cmac', keyBytes: 16, accepted: false }],
  [23, { name: 'arcfour-hmac', keyBytes: 16, accepted: false }],
  [16, { name: 'des3-cbc-sha1', keyBytes: 24, accepted: false }],
  [3, { name: 'des-cbc-md5', keyBytes: 8, accepted: false }],
  [1, { name: 'des-cbc-crc', keyBytes: 8, accepted: false }],
])

/** Names of those we accept, strongest first, as krb5.conf's `permitted_enctypes` takes them. AD knows 18 and 17 only, so they stand first. */
export const ACCEPTED_ENCTYPES = [18, 17, 20, 19].map(enctypeName)

export function enctypeName(enctype: number): string {
  return ENCTYPES.get(enctype)?.name ?? `enctype ${enctype}`
}

export function isAcceptedEnctype(enctype: number): boolean {
  return ENCTYPES.get(enctype)?.accepted === true
}

/** Bytes of a key, or undefined for an enctype that we do not know. */
export function keyLengthOf(enctype: number): number | undefined {
  return ENCTYPES.get(enctype)?.keyBytes
}
