/** Certificates that a secret store may show: a good one of the lab's authority, one that has expired, and one of another authority. */
import { readFileSync } from 'node:fs'
import { issueLeaf } from '../../../src/io/certificates.ts'
import type { CertifiedKey } from '../../../src/io/x509.ts'
import type { Lab } from '../../lab/lab.ts'
import { makeAuthority } from '../../sidecar/policy/loopback-broker.ts'

const NAMES = ['bao.lab'] as const
const HOUR_SECONDS = 3600

export async function certificateOfLab(lab: Lab): Promise<CertifiedKey> {
  return issueLeaf(authorityOf(lab), NAMES, Date.now())
}

export async function expiredCertificateOfLab(lab: Lab): Promise<CertifiedKey> {
  return issueLeaf(authorityOf(lab), NAMES, Date.now() - 3 * HOUR_SECONDS * 1000, {
    authoritySeconds: 0,
    leafSeconds: HOUR_SECONDS,
  })
}

export async function certificateOfAnother(): Promise<CertifiedKey> {
  return issueLeaf(await makeAuthority(), NAMES, Date.now())
}

function authorityOf({ files }: Lab): CertifiedKey {
  return { certificatePem: readFileSync(files.authority, 'utf8'), keyPem: readFileSync(files.authorityKey, 'utf8') }
}
