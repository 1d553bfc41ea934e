/** Reads the certificates of CAs from a file in PEM, and says what is wrong with one, because TLS says it later and of no file. */
import { X509Certificate } from 'node:crypto'
import { KerbsideError } from '../../core/errors.ts'

const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

/**
 * The certificates in it, in PEM, and nothing else that stands beside them: a private key that somebody put there stays behind.
 * @param what for messages: `the ca.pem of the cluster`
 * @throws KerbsideError `secret-malformed`, which quotes nothing of it
 */
export function authorityPem(bytes: Uint8Array, what: string): string {
  const text = new TextDecoder().decode(bytes)
  const [before = '', ...parts] = text.split(BEGIN)
  if (parts.length === 0) throw noCertificate(bytes, before, what)
  return parts.map((part, at) => certificateIn(part, `certificate ${at + 1} of ${what}`)).join('')
}

function certificateIn(part: string, what: string): string {
  const end = part.indexOf(END)
  if (end < 0) throw malformed(`${what} is cut off`)
  const pem = `${BEGIN}${part.slice(0, end)}${END}\n`
  try {
    return new X509Certificate(pem).toString()
  } catch {
    // The library's own message may quote what it read.
    throw malformed(`${what} cannot be read`)
  }
}

/** @param text the same bytes */
function noCertificate(bytes: Uint8Array, text: string, what: string): KerbsideError {
  if (bytes.length === 0) return malformed(`${what} is empty`)
  if (text.startsWith('LS0tLS1')) return malformed(`${what} is base64 text of a file in PEM`, 'put the file itself in')
  if (bytes[0] === 0x30) return malformed(`${what} is in DER, not in PEM`, 'turn it into PEM: openssl x509 -inform der')
  if (bytes[0] === 0xff || bytes[0] === 0xfe) return malformed(`${what} is in UTF-16`, 'save it as plain text')
  if (text.includes('PRIVATE KEY-----')) return malformed(`${what} holds a private key and no certificate`)
  if (/-----BEGIN [A-Z0-9 ]+-----/.test(text)) {
    return malformed(
      `${what} holds something else than a certificate in PEM`,
      'it must begin with -----BEGIN CERTIFICATE',
    )
  }
  return malformed(`${what} holds no certificate in PEM`)
}

const malformed = (message: string, hint?: string): KerbsideError =>
  new KerbsideError('secret-malformed', message, hint === undefined ? {} : { hint })
