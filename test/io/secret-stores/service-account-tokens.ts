/** The service-account token that a cloud trusts, and those that it must not, as a cluster's API server signs them. */
import { claims, claimsOf, type Issuer, makeIssuer, seconds } from '../../broker/tokens.ts'

export async function tokensFrom(issuer: Issuer) {
  const stranger = await makeIssuer()
  const good = await issuer.sign(claims())
  const [header, , signature] = good.split('.')
  const other = Buffer.from(JSON.stringify(claims({ sub: 'system:serviceaccount:kube-system:admin' }))).toString(
    'base64url',
  )
  return {
    good,
    bad: {
      'the API server as audience': await issuer.sign(claims({ aud: ['https://kubernetes.default.svc'] })),
      'no audience': await issuer.sign(claims({ aud: undefined })),
      'another service account': await issuer.sign(claimsOf('ml-climate', 'trainer')),
      'another issuer': await issuer.sign(claims({ iss: 'https://elsewhere.example' })),
      'a time that is over': await issuer.sign(claims({ iat: seconds() - 7200, exp: seconds() - 3600 })),
      'a signature of somebody else': await stranger.sign(claims()),
      'claims that were changed': [header, other, signature].join('.'),
      'no signature': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${other}.`,
      'no token at all': 'garbage',
    },
  }
}
