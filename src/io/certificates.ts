/**
 * Certificates of our own: one authority that lives ten years, and leaves that live thirty days and are kept in memory.
 * RSA 2048, because node-forge signs nothing else; the keys themselves come from OpenSSL.
 */
import { generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import forge from 'node-forge'
import { KerbsideError } from '../core/errors.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const AUTHORITY_LIFE_MS = 3650 * DAY_MS
const LEAF_LIFE_MS = 30 * DAY_MS
/** Clocks of other machines may be behind ours: every certificate is valid from an hour ago. */
const CLOCK_SKEW_MS = 60 * 60 * 1000
const RENEW_SHARE = 2 / 3

/** A certificate authority. `certificatePem` may hold older authorities after the one whose key this is. */
export type Authority = { readonly certificatePem: string; readonly keyPem: string }

export type Leaf = {
  readonly certificatePem: string
  readonly keyPem: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** When to issue the next one: at two thirds of its life. */
  readonly renewAt: number
}

/** Where an authority is kept, shared by all who issue from it. Each kind is one file under authorities/. */
export type AuthorityStore = {
  read(): Promise<Authority | undefined>
  /** Whether it was stored; false when another process was first, whose authority then holds. */
  create(authority: Authority): Promise<boolean>
}

/** The authority in the store, made now if there is none. Processes that start together agree on one. */
export async function ensureAuthority(store: AuthorityStore, now: number): Promise<Authority> {
  const present = await store.read()
  if (present !== undefined) return checkAuthority(present, now)
  const made = await newAuthority(now)
  if (await store.create(made)) return made
  const winner = await store.read()
  if (winner === undefined) throw new KerbsideError('io-failed', 'the certificate authority vanished while it was read')
  return checkAuthority(winner, now)
}

/** A server certificate for these DNS names (an IP address is taken as such), signed by the authority. `now` in ms. */
export async function issueLeaf(
  authority: Authority,
  dnsNames: readonly [string, ...string[]],
  now: number,
): Promise<Leaf> {
  const keys = await newKeys()
  const expiresAt = now + LEAF_LIFE_MS
  const certificate = draft(keys.publicKey, { commonName: dnsNames[0].slice(0, 64), now, expiresAt })
  certificate.setIssuer(forge.pki.certificateFromPem(authority.certificatePem).subject.attributes)
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: dnsNames.map(altName) },
  ])
  certificate.sign(forge.pki.privateKeyFromPem(authority.keyPem), forge.md.sha256.create())
  return {
    certificatePem: pemOf(certificate),
    keyPem: keys.privateKey,
    expiresAt,
    renewAt: now + LEAF_LIFE_MS * RENEW_SHARE,
  }
}

async function newAuthority(now: number): Promise<Authority> {
  const keys = await newKeys()
  const certificate = draft(keys.publicKey, { commonName: 'Kerbside', now, expiresAt: now + AUTHORITY_LIFE_MS })
  certificate.setIssuer(certificate.subject.attributes)
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
  ])
  certificate.sign(forge.pki.privateKeyFromPem(keys.privateKey), forge.md.sha256.create())
  return { certificatePem: pemOf(certificate), keyPem: keys.privateKey }
}

/** @throws KerbsideError `io-failed` when it cannot sign, or has expired */
function checkAuthority(authority: Authority, now: number): Authority {
  const certificate = readCertificate(authority)
  if (certificate.validity.notAfter.getTime() > now) return authority
  throw new KerbsideError('io-failed', 'the certificate authority has expired', {
    hint: 'delete its Secret or folder and restart every Kerbside program; running sidecars must be restarted too',
  })
}

function readCertificate(authority: Authority): forge.pki.Certificate {
  try {
    const certificate = forge.pki.certificateFromPem(authority.certificatePem)
    const key = forge.pki.privateKeyFromPem(authority.keyPem)
    const isPair = 'n' in certificate.publicKey && certificate.publicKey.n.equals(key.n)
    if (isPair) return certificate
  } catch (cause) {
    throw new KerbsideError('io-failed', 'the certificate authority is not a certificate and an RSA key', { cause })
  }
  throw new KerbsideError('io-failed', 'the certificate and the key of the authority do not belong together')
}

function draft(
  publicKeyPem: string,
  about: { commonName: string; now: number; expiresAt: number },
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKeyPem)
  // RFC 5280 §4.1.2.2: positive, at most 20 octets.
  certificate.serialNumber = `01${randomBytes(18).toString('hex')}`
  certificate.validity.notBefore = new Date(about.now - CLOCK_SKEW_MS)
  certificate.validity.notAfter = new Date(about.expiresAt)
  certificate.setSubject([{ name: 'commonName', value: about.commonName }])
  return certificate
}

const newKeys = () =>
  promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  })

/** RFC 5280 §4.2.1.6: 2 is a DNS name, 7 an IP address. */
const altName = (name: string) => (/^[\d.]+$|:/.test(name) ? { type: 7, ip: name } : { type: 2, value: name })

/** With the line ends of this system: the certificate stands in every pod, and in what people read of it. */
const pemOf = (certificate: forge.pki.Certificate): string =>
  forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n')
