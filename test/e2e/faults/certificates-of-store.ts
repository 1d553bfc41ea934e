/** Certificates that a secret store may show: a good one of the lab's authority, one that has expired, and one of another authority. */
import { readFileSync } from 'node:fs'
import { issueLeaf } from '../../../src/io/tls/certificates.ts'
import type { CertifiedKey } from '../../../src/io/tls/x509.ts'
import { issue } from '../../lab/certificates.ts'
import type { Lab } from '../../lab/lab.ts'
import { makeAuthority } from '../../sidecar/policy/loopback-broker.ts'

const HOST = 'bao.lab'
const MINUTE = 60_000
let count = 0

export async function certificateOfLab({ folder }: Lab, expiresAt?: number): Promise<CertifiedKey> {
  const leaf = { file: `own-openbao-${process.pid}-${count++}`, commonName: HOST, hosts: [HOST] }
  const { certificate, key } = await issue(folder, expiresAt === undefined ? leaf : { ...leaf, expiresAt })
  return { certificatePem: readFileSync(certificate, 'utf8'), keyPem: readFileSync(key, 'utf8') }
}

export async function expiredCertificateOfLab(lab: Lab): Promise<CertifiedKey> {
  return certificateOfLab(lab, Date.now() - MINUTE)
}

export async function certificateOfAnother(): Promise<CertifiedKey> {
  return issueLeaf(await makeAuthority(), [HOST], Date.now())
}
