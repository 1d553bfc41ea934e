/** Files of keys: each form that is taken, and what must not be taken for a key that checks. */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { signingKey, trustedKeys } from '../../../src/io/policy/bundle-keys.ts'
import { jwks, type Signer, signer } from './signed.ts'

let one: Signer
let two: Signer
beforeAll(async () => {
  one = await signer('EdDSA')
  two = await signer('ES256')
})

const publicPem = ({ pem }: Signer) => createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString()
const ids = async (text: string) => [...(await trustedKeys(text, 'keys')).keys()]
const other = (type: 'ed448' | 'x25519') => generateKeyPairSync(type as 'ed448')
const pemOf = (key: { export(options: { type: 'spki'; format: 'pem' }): string | Buffer }) =>
  key.export({ type: 'spki', format: 'pem' }).toString()

describe('keys that are trusted', () => {
  test('a JWK Set, one JWK and PEM name the same keys', async () => {
    const both = [one.key.id, two.key.id]
    expect(await ids(jwks(one, two))).toEqual(both)
    expect(await ids(JSON.stringify(one.jwk, undefined, 2))).toEqual([one.key.id])
    expect(await ids(`# ours\n${publicPem(one)}\n# the next\n${publicPem(two)}`)).toEqual(both)
  })

  test('a key has its own name, whatever the file calls it', async () => {
    expect(await ids(JSON.stringify({ keys: [{ ...one.jwk, kid: two.key.id }] }))).toEqual([one.key.id])
  })

  test('the name is the thumbprint of RFC 8037, appendix A.3', async () => {
    const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
    expect(await ids(JSON.stringify({ kty: 'OKP', crv: 'Ed25519', x }))).toEqual([
      'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
    ])
  })

  test.each<[string, () => string, string]>([
    [
      'a private key in a JWK',
      () => JSON.stringify(createPrivateKey(one.pem).export({ format: 'jwk' })),
      'private key',
    ],
    ['a private key in PEM', () => one.pem, '`PRIVATE KEY`'],
    ['a good key with a private one', () => publicPem(two) + one.pem, '`PRIVATE KEY`'],
    ['a shared secret', () => '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}', 'shared secret'],
    ['a good key with a shared secret', () => JSON.stringify({ keys: [one.jwk, { kty: 'oct', k: 'AA' }] }), 'secret'],
    ['a certificate', () => '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', '`CERTIFICATE`'],
    ['an RSA key', () => pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey), 'neither'],
    ['a P-384 key', () => pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey), 'neither'],
    ['a secp256k1 key', () => pemOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey), 'neither'],
    ['an Ed448 key', () => pemOf(other('ed448').publicKey), 'neither'],
    ['a key for agreement', () => pemOf(other('x25519').publicKey), 'neither'],
    ['a point that is not on the curve', () => JSON.stringify({ ...two.jwk, y: two.jwk.x }), 'no public key'],
    ['a key for encryption', () => JSON.stringify({ ...one.jwk, use: 'enc' }), 'not for signatures'],
    ['a key for another algorithm', () => JSON.stringify({ ...one.jwk, alg: 'HS256' }), '`HS256`'],
    ['no key', () => '{"keys":[]}', 'no key'],
    ['keys that are no list', () => '{"keys":{}}', 'not a JWK Set'],
    ['a key that is null', () => '{"keys":[null]}', 'no public key'],
    ['nothing', () => '', 'no key'],
    ['half a set', () => '{"keys":[', 'not JSON'],
  ])('%s makes the file unusable', async (_, text, said) => {
    await expect(trustedKeys(text(), 'keys')).rejects.toMatchObject({
      code: 'bundle-bad-keys',
      message: expect.stringContaining(said),
    })
  })
})

describe('a key that signs', () => {
  const legacy = () => createPrivateKey(two.pem).export({ type: 'sec1', format: 'pem' }).toString()
  const locked = () =>
    createPrivateKey(one.pem)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString()
  test.each<[string, () => string, string]>([
    ['a public key', () => publicPem(one), '`PUBLIC KEY`'],
    ['another form', legacy, '`EC PRIVATE KEY`'],
    ['one with a passphrase', locked, '`ENCRYPTED PRIVATE KEY`'],
    ['a JWK', () => JSON.stringify(one.jwk), 'is not PEM'],
    ['half of it', () => one.pem.slice(0, 60), 'is not a private key'],
    [
      'a key of another kind',
      () => other('ed448').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'neither',
    ],
  ])('is not %s', async (_, pem, said) => {
    const error = await signingKey(pem(), 'key.pem').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'bundle-bad-keys', message: expect.stringContaining(said) })
  })
  test('is told nothing of when it is broken', async () => {
    const secret = one.pem.split('\n')[1] ?? ''
    const error = (await signingKey(one.pem.replace('MC4', 'MC5'), 'key.pem').catch((thrown) => thrown)) as Error
    expect(`${error.message} ${String(error.cause)}`).not.toContain(secret.slice(8, 24))
    expect(error.message).toContain('key.pem')
  })
})
