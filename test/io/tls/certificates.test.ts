/** Our certificates as OpenSSL sees them: a chain that verifies, names that match, an authority that processes share. */
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import forge from 'node-forge'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { authorityInDirectory } from '../../../src/io/tls/authorities/directory.ts'
import { type Authority, ensureAuthority, issueLeaf, LIVES, newAuthority } from '../../../src/io/tls/certificates.ts'

const DAY_MS = 86_400_000
let folder = ''
let authority: Authority
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kerbside-certificates-'))
  authority = await ensureAuthority(authorityInDirectory(join(folder, 'tls')), Date.now())
})
afterAll(() => rm(folder, { recursive: true }))

test('a leaf is signed by its authority, for the names asked for, and for no authority of its own', async () => {
  const leaf = await issueLeaf(authority, ['kerbside-webhook.kerbside.svc', 'localhost', '127.0.0.1'], Date.now())
  const certificate = new X509Certificate(leaf.certificatePem)
  const issuer = new X509Certificate(authority.certificatePem)
  expect(certificate.verify(issuer.publicKey)).toBe(true)
  expect(certificate.checkIssued(issuer)).toBe(true)
  expect(certificate.checkHost('kerbside-webhook.kerbside.svc')).toBeDefined()
  expect(certificate.checkHost('kerbside-webhook.kerbside.svc.example')).toBeUndefined()
  expect(certificate.checkIP('127.0.0.1')).toBeDefined()
  expect([certificate.ca, issuer.ca]).toEqual([false, true])
})

test('a leaf is valid from an hour ago for thirty days, and due at two thirds of them', async () => {
  const now = Date.UTC(2030, 0, 1)
  const leaf = await issueLeaf(authority, ['localhost'], now)
  const certificate = new X509Certificate(leaf.certificatePem)
  expect(Date.parse(certificate.validFrom)).toBe(now - 3_600_000)
  expect(Date.parse(certificate.validTo)).toBe(now + 30 * DAY_MS)
  expect([leaf.expiresAt, leaf.renewAt]).toEqual([now + 30 * DAY_MS, now + 20 * DAY_MS])
})

test('keys are P-256, and an authority with RSA from before signs leaves for them', async () => {
  const leaf = await issueLeaf(authority, ['localhost'], Date.now())
  const key = new X509Certificate(leaf.certificatePem).publicKey
  expect([key.asymmetricKeyType, key.asymmetricKeyDetails?.namedCurve]).toEqual(['ec', 'prime256v1'])
  await expectIssuerOfLeaves(await rsaAuthority())
})

test('an authority whose key has an identifier of another making signs leaves that are known by that one', async () => {
  await expectIssuerOfLeaves(await rsaAuthority([{ name: 'subjectKeyIdentifier' }]))
})

async function expectIssuerOfLeaves(authority: Authority) {
  const leaf = new X509Certificate((await issueLeaf(authority, ['localhost'], Date.now())).certificatePem)
  const issuer = new X509Certificate(authority.certificatePem)
  expect([leaf.checkIssued(issuer), leaf.verify(issuer.publicKey)]).toEqual([true, true])
}

test('a chain of ours is what the strictest reader of RFC 5280 takes, as far as 2050 and beyond', async () => {
  for (const [name, year] of [
    ['now', 2030],
    ['late', 2049],
  ] as const) {
    const now = Date.UTC(year, 0, 1)
    const made = await newAuthority(now, LIVES)
    const leaf = await issueLeaf(made, ['a.example', '10.0.0.1', '::1'], now)
    const [ca, file] = [join(folder, `${name}-ca.pem`), join(folder, `${name}.pem`)]
    await writeFile(ca, made.certificatePem)
    await writeFile(file, leaf.certificatePem)
    const strict = [
      'verify',
      '-x509_strict',
      '-purpose',
      'sslserver',
      '-attime',
      String(now / 1000),
      '-CAfile',
      ca,
      file,
    ]
    expect(execFileSync('openssl', strict, { encoding: 'utf8' })).toContain(': OK')
    expect(Date.parse(new X509Certificate(made.certificatePem).validTo)).toBe(now + 3650 * DAY_MS)
  }
})

/** As node-forge makes it, and as this program made it before. */
async function rsaAuthority(more: readonly { name: string }[] = []): Promise<Authority> {
  const pair = forge.pki.rsa.generateKeyPair(2048)
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = pair.publicKey
  certificate.serialNumber = '01'
  certificate.validity.notAfter = new Date(Date.now() + DAY_MS)
  certificate.setSubject([{ name: 'commonName', value: 'Kerbside' }])
  certificate.setIssuer(certificate.subject.attributes)
  certificate.setExtensions([{ name: 'basicConstraints', cA: true, critical: true }, ...more])
  certificate.sign(pair.privateKey, forge.md.sha256.create())
  const made = {
    certificatePem: forge.pki.certificateToPem(certificate),
    keyPem: forge.pki.privateKeyToPem(pair.privateKey),
  }
  return ensureAuthority({ read: async () => made, create: async () => false }, Date.now())
}

test('a client that trusts only the authority speaks TLS with the leaf, and one that does not trust it does not', async () => {
  const leaf = await issueLeaf(authority, ['localhost'], Date.now())
  const server = createServer({ cert: leaf.certificatePem, key: leaf.keyPem }, (_, response) => response.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const get = (ca: string | undefined) =>
    new Promise<number | string>((resolve) => {
      const options = { host: '127.0.0.1', port, servername: 'localhost', agent: false as const }
      request({ ...options, ...(ca === undefined ? {} : { ca }) }, (response) => resolve(response.statusCode ?? 0))
        .on('error', (error) => resolve('code' in error ? String(error.code) : error.message))
        .end()
    })
  expect(await get(authority.certificatePem)).toBe(200)
  expect(await get(undefined)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE')
  server.close()
})

test('programs that start at the same moment agree on one authority', async () => {
  const shared = join(folder, 'race')
  const made = await Promise.all(
    Array.from({ length: 4 }, () => ensureAuthority(authorityInDirectory(shared), Date.now())),
  )
  expect(new Set(made.map(({ keyPem }) => keyPem)).size).toBe(1)
  expect((await readdir(folder)).filter((name) => name.startsWith('race.'))).toEqual([])
  expect((await stat(join(shared, 'ca.key'))).mode & 0o777).toBe(0o600)
})

test('one that expired while nobody was there to replace it is replaced by whoever starts first, and goes on being known', async () => {
  const expired = await newAuthority(Date.now() - 3651 * DAY_MS, LIVES)
  let stored: Authority = expired
  const shared = {
    read: async () => stored,
    create: async () => false,
    async replace(before: Authority, after: Authority) {
      if (before !== stored) return false
      stored = after
      return true
    },
  }
  const made = await Promise.all([1, 2, 3].map(() => ensureAuthority(shared, Date.now())))
  expect(new Set(made.map(({ keyPem }) => keyPem)).size).toBe(1)
  expect(made[0]?.certificatePem.endsWith(expired.certificatePem)).toBe(true)
  expect(stored.keyPem).not.toBe(expired.keyPem)
})

test('an authority that cannot sign is refused with what to do', async () => {
  const broken = join(folder, 'tls')
  await expect(ensureAuthority(authorityInDirectory(broken), Date.now() + 3651 * DAY_MS)).rejects.toThrow('has expired')
  const other = await ensureAuthority(authorityInDirectory(join(folder, 'other')), Date.now())
  await writeFile(join(folder, 'other', 'ca.key'), authority.keyPem)
  const mixed = ensureAuthority(authorityInDirectory(join(folder, 'other')), Date.now())
  await expect(mixed).rejects.toThrow('do not belong together')
  expect(other.keyPem).not.toBe(authority.keyPem)
  await rm(join(folder, 'other', 'ca.key'))
  await expect(authorityInDirectory(join(folder, 'other')).read()).rejects.toThrow('has no key beside it')
})
