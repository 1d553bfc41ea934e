/**
 * Knows callers without an API server: by the public keys of the token issuer, in a file. What it cannot see is whether
 * the pod still lives and what it is made of, so a deleted pod's token is good until it expires. For the demo and where
 * no API server can be asked.
 */
import { readFile } from 'node:fs/promises'
import type { JSONWebKeySet, JWTPayload } from 'jose'
import { createLocalJWKSet, errors, jwtVerify } from 'jose'
import { KerbsideError } from '../core/errors.ts'
import type { RecogniseCaller } from './caller.ts'
import { AUDIENCE, refuse } from './caller.ts'
import { type RecogniseClaims, readClaims } from './claims.ts'

/** Asymmetric ones only: with a shared key, whoever can check a token could make one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

export type KeysFileOptions = {
  /** A JWK Set (RFC 7517), as the issuer's `jwks_uri` gives it. */
  readonly keysFile: string
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** @throws KerbsideError `bad-settings` when the file is not a set of public keys */
export async function callersByKeysFile(options: KeysFileOptions): Promise<RecogniseCaller> {
  const claimsFor = await claimsByKeysFile(options)
  return async ({ token, identity }) => {
    const claims = await claimsFor(token)
    // Whether policy gives them that identity is asked when their stream begins, and at each change.
    return 'reason' in claims ? claims : { ...claims, identity }
  }
}

/** @throws KerbsideError `bad-settings` as above */
export async function claimsByKeysFile({ keysFile, issuer, clock }: KeysFileOptions): Promise<RecogniseClaims> {
  const keys = await readKeys(keysFile)
  return async (token) => {
    let payload: JWTPayload
    try {
      const checks = { issuer, audience: AUDIENCE, algorithms: ALGORITHMS, currentDate: new Date(clock()) }
      ;({ payload } = await jwtVerify(token, keys, checks))
    } catch (thrown) {
      if (thrown instanceof errors.JOSEError) return refuse('bad-token', thrown.code)
      throw thrown
    }
    return readClaims(payload, clock())
  }
}

async function readKeys(file: string) {
  try {
    const set: unknown = JSON.parse(await readFile(file, 'utf8'))
    const keys = createLocalJWKSet(set as JSONWebKeySet)
    if ((set as JSONWebKeySet).keys.length === 0) throw new Error('it has no key')
    return keys
  } catch (cause) {
    throw new KerbsideError('bad-settings', `\`${file}\` is not a set of public keys`, {
      cause,
      hint: 'it must be a JWK Set: {"keys":[…]}, as `kubectl get --raw /openid/v1/jwks` prints it',
    })
  }
}
