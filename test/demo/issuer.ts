/** The lab plays the cluster's token issuer: pod-bound service-account tokens, as the TokenRequest API signs them. */
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { TokenIssuer } from './kubelet.ts'

export const ISSUER = 'https://kubernetes.default.svc'

/** Writes the public keys to `keysFile` (a JWK Set, RFC 7517) and keeps the private one in memory. */
export async function makeIssuer(keysFile: string): Promise<TokenIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const kid = randomUUID()
  writeFileSync(
    keysFile,
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }] }),
  )
  return async ({ metadata, spec }, audience, seconds) => {
    const serviceAccount = spec.serviceAccountName ?? 'default'
    const bound = {
      namespace: metadata.namespace,
      pod: { name: metadata.name, uid: metadata.uid },
      serviceaccount: { name: serviceAccount, uid: randomUUID() },
    }
    return new SignJWT({ 'kubernetes.io': bound })
      .setProtectedHeader({ alg: 'RS256', kid })
      .setIssuer(ISSUER)
      .setSubject(`system:serviceaccount:${metadata.namespace}:${serviceAccount}`)
      .setAudience(audience)
      .setIssuedAt()
      .setNotBefore('0s')
      .setExpirationTime(`${seconds}s`)
      .sign(privateKey)
  }
}
