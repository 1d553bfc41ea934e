/** The lab's private authority and the certificates it signs: PEM for everyone, PKCS #12 and a trust store for Java. */
import { createHash, generateKeyPair, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import forge from 'node-forge'
import { labFiles } from './folder.ts'

const { pki } = forge
/** For stores of a lab that lives for minutes; Hadoop wants them to have one. */
export const STORE_PASSWORD = 'changeit'

type Folder = { readonly path: string }

export type Leaf = {
  /** Name of the files in `<folder>/tls`, for instance `nn1`. */
  readonly file: string
  readonly commonName: string
  readonly organization?: string
  /** Host names and addresses it stands for; none for a client's certificate. */
  readonly hosts?: readonly string[]
  /** Milliseconds since the epoch; in a week unless given. */
  readonly expiresAt?: number
}

/** Absolute paths. The key's mode is 0600. */
export type IssuedFiles = { readonly certificate: string; readonly key: string; readonly pkcs12: string }

/** Makes the authority once per lab, outside, before anything starts. */
export async function makeAuthority(folder: Folder): Promise<void> {
  const files = labFiles(folder)
  if (existsSync(files.authority)) return
  mkdirSync(join(folder.path, 'tls'), { recursive: true })
  const keys = await newKeys()
  const certificate = newCertificate(keys.publicKey, { commonName: 'lab authority' })
  certificate.setIssuer(certificate.subject.attributes)
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    { name: 'subjectKeyIdentifier' },
  ])
  certificate.sign(keys.privateKey, forge.md.sha256.create())
  const pem = pki.certificateToPem(certificate)
  writeFileSync(files.authorityKey, pki.privateKeyToPem(keys.privateKey), { mode: 0o600 })
  writeFileSync(files.truststore, javaTrustStore(new X509Certificate(pem).raw))
  writeFileSync(files.authority, pem)
}

/** Signs a certificate for servers and clients alike, and writes it with its key. */
export async function issue(folder: Folder, leaf: Leaf): Promise<IssuedFiles> {
  const files = labFiles(folder)
  const authority = pki.certificateFromPem(readFileSync(files.authority, 'utf8'))
  const authorityKey = pki.privateKeyFromPem(readFileSync(files.authorityKey, 'utf8'))
  const keys = await newKeys()
  const certificate = newCertificate(keys.publicKey, leaf)
  certificate.setIssuer(authority.subject.attributes)
  const altNames = (leaf.hosts ?? []).map((host) => (isIP(host) ? { type: 7, ip: host } : { type: 2, value: host }))
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    { name: 'subjectKeyIdentifier' },
    ...(altNames.length > 0 ? [{ name: 'subjectAltName', altNames }] : []),
  ])
  certificate.sign(authorityKey, forge.md.sha256.create())

  const at = (extension: string) => join(folder.path, 'tls', `${leaf.file}.${extension}`)
  const pkcs12 = forge.pkcs12.toPkcs12Asn1(keys.privateKey, [certificate, authority], STORE_PASSWORD, {
    algorithm: '3des',
  })
  writeFileSync(at('key'), pki.privateKeyToPem(keys.privateKey), { mode: 0o600 })
  writeFileSync(at('p12'), forge.asn1.toDer(pkcs12).getBytes(), { encoding: 'latin1', mode: 0o600 })
  writeFileSync(at('pem'), pki.certificateToPem(certificate))
  return { certificate: at('pem'), key: at('key'), pkcs12: at('p12') }
}

// Keys come from Node, which makes them in milliseconds on another thread; forge needs seconds.
async function newKeys() {
  const pem = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return { publicKey: pki.publicKeyFromPem(pem.publicKey), privateKey: pki.privateKeyFromPem(pem.privateKey) }
}

function newCertificate(
  publicKey: forge.pki.rsa.PublicKey,
  subject: Pick<Leaf, 'commonName' | 'organization' | 'expiresAt'>,
) {
  const certificate = pki.createCertificate()
  const hour = 3_600_000
  certificate.publicKey = publicKey
  // Positive (RFC 5280 4.1.2.2), and never with two zero bytes in front, which OpenSSL does not read.
  certificate.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(15))}`
  certificate.validity.notBefore = new Date(Date.now() - hour)
  certificate.validity.notAfter = new Date(subject.expiresAt ?? Date.now() + 7 * 24 * hour)
  certificate.setSubject([
    { name: 'commonName', value: subject.commonName },
    ...(subject.organization === undefined ? [] : [{ name: 'organizationName', value: subject.organization }]),
  ])
  return certificate
}

/** A JKS file with one trusted certificate (sun.security.provider.JavaKeyStore): keytool would start a JVM for it. */
function javaTrustStore(der: Buffer): Buffer {
  const text = (value: string) => Buffer.concat([uint16(value.length), Buffer.from(value)])
  const [magic, version, count, trustedCertificate] = [0xfeedfeed, 2, 1, 2]
  const head = Buffer.concat([magic, version, count, trustedCertificate].map(uint32))
  const createdAt = Buffer.alloc(8)
  createdAt.writeBigUInt64BE(BigInt(Date.now()))
  const body = Buffer.concat([head, text('lab'), createdAt, text('X.509'), uint32(der.length), der])
  const password = Buffer.from(STORE_PASSWORD, 'utf16le').swap16()
  const digest = createHash('sha1').update(password).update('Mighty Aphrodite').update(body).digest()
  return Buffer.concat([body, digest])
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
