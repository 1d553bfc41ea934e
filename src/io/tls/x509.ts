/**
 * Makes X.509 certificates (RFC 5280 §4.1) with ECDSA keys. node-forge writes the DER, but signs with RSA alone: its own
 * certificates know no other key. So the signature is OpenSSL's.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'
import { promisify } from 'node:util'
import forge from 'node-forge'

/** Both in PEM. */
export type CertifiedKey = { readonly certificatePem: string; readonly keyPem: string }

export type CertificateDraft = {
  readonly commonName: string
  /** Milliseconds since the epoch. */
  readonly notBefore: number
  readonly notAfter: number
  /** DNS names and IP addresses of a server; absent for an authority. */
  readonly names?: readonly string[]
}

const { asn1 } = forge
// Not in its types.
const { bytesFromIP } = forge.util as unknown as { bytesFromIP(text: string): string | null }
type Node = forge.asn1.Asn1

/** A new P-256 key and its certificate, signed by `issuer`, or by itself. */
export async function certify(draft: CertificateDraft, issuer?: CertifiedKey): Promise<CertifiedKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const spki = asn1.fromDer(binary(publicKey.export({ type: 'spki', format: 'der' })))
  const subject = nameOf(draft.commonName)
  const keyId = keyIdentifier(spki)
  const above = issuer === undefined ? { name: subject, keyId } : subjectOf(issuer.certificatePem)
  const signer = issuer === undefined ? privateKey : createPrivateKey(issuer.keyPem)
  const algorithm =
    signer.asymmetricKeyType === 'ec' ? sequence(oid(ECDSA_SHA256)) : sequence(oid(RSA_SHA256), nothing())
  const body = sequence(
    tagged(0, integer('02')),
    // Positive, at most 20 octets.
    integer(`01${randomBytes(18).toString('hex')}`),
    algorithm,
    above.name,
    sequence(time(draft.notBefore), time(draft.notAfter)),
    subject,
    spki,
    tagged(3, sequence(...extensions(draft, { keyId, issuer: above.keyId }))),
  )
  const signature = sign('sha256', bytes(body), signer)
  const der = bytes(sequence(body, algorithm, bits(signature, 0)))
  return {
    certificatePem: new X509Certificate(der).toString(),
    keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** RFC 5280 §4.2.1. The identifiers of the keys tell two authorities apart while both are trusted. */
function extensions({ names }: CertificateDraft, keys: { keyId: Buffer; issuer: Buffer }): Node[] {
  const both = [extension(SUBJECT_KEY, octets(keys.keyId)), extension('2.5.29.35', sequence(implicit(0, keys.issuer)))]
  if (names === undefined) {
    // An authority signs leaves and no further authority.
    return [
      extension('2.5.29.19', sequence(yes(), integer('00')), true),
      extension('2.5.29.15', bits(KEY_CERT_SIGN, 1), true),
      ...both,
    ]
  }
  return [
    extension('2.5.29.19', sequence(), true),
    extension('2.5.29.15', bits(DIGITAL_SIGNATURE, 7), true),
    extension('2.5.29.37', sequence(oid(SERVER_AUTH))),
    extension('2.5.29.17', sequence(...names.map(altName))),
    ...both,
  ]
}

const ECDSA_SHA256 = '1.2.840.10045.4.3.2'
const RSA_SHA256 = '1.2.840.113549.1.1.11'
const SUBJECT_KEY = '2.5.29.14'
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const KEY_CERT_SIGN = Buffer.of(0x06)
const DIGITAL_SIGNATURE = Buffer.of(0x80)

/**
 * As its certificate has them, byte for byte: a name that is written anew may differ in the kind of its strings, and the
 * identifier of a key is whatever its maker took for one (§4.2.1.1 wants the very same).
 */
function subjectOf(certificatePem: string): { name: Node; keyId: Buffer } {
  const [body] = children(asn1.fromDer(binary(new X509Certificate(certificatePem).raw)))
  const [, , , , , name, spki, ...more] = children(body)
  if (name === undefined || spki === undefined) throw new Error('the issuer is no certificate of version 3')
  return { name, keyId: identifierIn(more) ?? keyIdentifier(spki) }
}

/** The subject key identifier among what follows the key. */
function identifierIn(more: readonly Node[]): Buffer | undefined {
  const all = more.flatMap(children).flatMap(children)
  const found = all.find((each) => asn1.derToOid(String(children(each)[0]?.value)) === SUBJECT_KEY)
  const wrapped = children(found).at(-1)?.value
  return wrapped === undefined ? undefined : Buffer.from(String(asn1.fromDer(String(wrapped)).value), 'latin1')
}

const children = (node: Node | undefined): Node[] => (Array.isArray(node?.value) ? (node.value as Node[]) : [])

/** Of all that says what key it is (RFC 7093 §2, method 4), as long as one by SHA-1. */
const keyIdentifier = (spki: Node): Buffer => createHash('sha256').update(bytes(spki)).digest().subarray(0, 20)

/** §4.2.1.6: 2 is a DNS name, 7 an IP address. */
function altName(name: string): Node {
  const address = bytesFromIP(name)
  return address === null ? implicit(2, Buffer.from(name)) : implicit(7, Buffer.from(address, 'latin1'))
}

/** §4.1.2.5: two digits of the year until 2049. */
function time(at: number): Node {
  const date = new Date(at)
  return date.getUTCFullYear() < 2050
    ? primitive(asn1.Type.UTCTIME, asn1.dateToUtcTime(date).toString())
    : primitive(asn1.Type.GENERALIZEDTIME, asn1.dateToGeneralizedTime(date).toString())
}

const nameOf = (commonName: string): Node =>
  sequence(
    constructed(asn1.Type.SET, [sequence(oid('2.5.4.3'), primitive(asn1.Type.UTF8, binary(Buffer.from(commonName))))]),
  )

const extension = (id: string, value: Node, isCritical = false): Node =>
  sequence(oid(id), ...(isCritical ? [yes()] : []), octets(bytes(value)))

const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class
const primitive = (type: forge.asn1.Type, value: string): Node => asn1.create(UNIVERSAL, type, false, value)
const constructed = (type: forge.asn1.Type, value: Node[]): Node => asn1.create(UNIVERSAL, type, true, value)
const sequence = (...value: Node[]): Node => constructed(asn1.Type.SEQUENCE, value)
const oid = (id: string): Node => primitive(asn1.Type.OID, asn1.oidToDer(id).getBytes())
const integer = (hex: string): Node => primitive(asn1.Type.INTEGER, binary(Buffer.from(hex, 'hex')))
const octets = (value: Buffer): Node => primitive(asn1.Type.OCTETSTRING, binary(value))
const bits = (value: Buffer, unused: number): Node =>
  primitive(asn1.Type.BITSTRING, binary(Buffer.concat([Buffer.of(unused), value])))
const yes = (): Node => primitive(asn1.Type.BOOLEAN, '\u00ff')
const nothing = (): Node => primitive(asn1.Type.NULL, '')
const tagged = (tag: number, value: Node): Node => asn1.create(CONTEXT_SPECIFIC, tag, true, [value])
const implicit = (tag: number, value: Buffer): Node => asn1.create(CONTEXT_SPECIFIC, tag, false, binary(value))

const binary = (value: Buffer): string => value.toString('latin1')
const bytes = (node: Node): Buffer => Buffer.from(asn1.toDer(node).getBytes(), 'latin1')

/** Whether certificate and key, in PEM, belong together. @throws when either cannot be read */
export const isPair = ({ certificatePem, keyPem }: CertifiedKey): boolean =>
  new X509Certificate(certificatePem).publicKey.equals(createPublicKey(createPrivateKey(keyPem)))
