/** Service-account tokens as the API server's TokenRequest signs them, and as an attacker would like them to be. */
import type { JWTPayload } from 'jose'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

export const ISSUER = 'https://kubernetes.default.svc'

/** Claims of a token that is right, for the trainer of ml-quant. */
export const rightClaims = (): JWTPayload => ({
  iss: ISSUER,
  aud: ['kerbside.io'],
  sub: 'system:serviceaccount:ml-quant:trainer',
  iat: seconds(),
  exp: seconds() + 3600,
  'kubernetes.io': {
    namespace: 'ml-quant',
    node: { name: 'node-1', uid: '7f3c5a52-27fd-4b0c-8a61-0f5a5b0f2f11' },
    pod: { name: 'train-0', uid: '0b1f3f5c-1f7e-4b5e-9a3c-0d9e8f7a6b5c' },
    serviceaccount: { name: 'trainer', uid: '5b0c2a53-3a84-4c0a-a77c-1f1f5f2f0b0d' },
  },
})

export const seconds = (): number => Math.floor(Date.now() / 1000)

/** Claims with some replaced; `undefined` takes one away. */
export const claims = (more: Record<string, unknown> = {}): JWTPayload => ({ ...rightClaims(), ...more })

/** Claims of another service account. */
export const claimsOf = (namespace: string, serviceAccount: string): JWTPayload =>
  claims({
    sub: `system:serviceaccount:${namespace}:${serviceAccount}`,
    'kubernetes.io': {
      namespace,
      pod: { name: 'other-0', uid: '5b0c2a53-3a84-4c0a-a77c-1f1f5f2f0b0d' },
      serviceaccount: { name: serviceAccount, uid: 'x' },
    },
  })

export type Issuer = {
  /** JWK Set with the public key. */
  readonly keys: string
  sign(payload: JWTPayload): Promise<string>
}

export async function makeIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const kid = 'first'
  return {
    keys: JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }] }),
    sign: (payload) => new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey),
  }
}
