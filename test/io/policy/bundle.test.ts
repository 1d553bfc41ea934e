/** A bundle in the hands of whoever can write the file, and knows the format and every public key: nothing of theirs is loaded. */
import { createPublicKey, createSecretKey } from 'node:crypto'
import { truncateSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ErrorCode } from '../../../src/core/errors.ts'
import { LARGEST_BUNDLE_BYTES, lookInto, openBundle, readBundleText } from '../../../src/io/policy/bundle.ts'
import { type TrustedKeys, trustedKeys } from '../../../src/io/policy/bundle-keys.ts'
import { sign } from '../../../src/io/policy/bundle-signature.ts'
import { readPolicyDirectory } from '../../../src/io/policy/directory.ts'
import { document, folderWith, grant, SMALL } from './folder.ts'
import {
  changed,
  decoded,
  encoded,
  flipped,
  jwks,
  macOf,
  partsOf,
  payloadFrom,
  rightHeader,
  type Signer,
  signed,
  signedAs,
  signer,
} from './signed.ts'

const EXAMPLE = join(import.meta.dirname, '../../../policies')
let ours: Signer
let elliptic: Signer
let stranger: Signer
let keys: TrustedKeys
let good: string
let payload: string

beforeAll(async () => {
  ours = await signer('EdDSA')
  elliptic = await signer('ES256')
  stranger = await signer('EdDSA')
  keys = await trustedKeys(jwks(ours, elliptic), 'keys.json')
})
const prepare = async () => {
  good ??= await signed(7, ours)
  payload ??= decoded(partsOf(good)[1])
}

async function outcome(text: string): Promise<'opened' | ErrorCode> {
  try {
    await openBundle(text, keys)
    return 'opened'
  } catch (error) {
    return Object(error).code
  }
}

describe('what we made', () => {
  test.each(['EdDSA', 'ES256'] as const)('the example, signed with %s, is the same policy to the line', async (by) => {
    const read = await readPolicyDirectory(EXAMPLE)
    const { bundle, payload, key } = await openBundle(
      await sign(await payloadFrom(EXAMPLE, 12), by === 'EdDSA' ? ours.key : elliptic.key),
      keys,
    )
    expect({ bundle }).toEqual({ bundle: 'bundle' in read ? read.bundle : undefined })
    expect(bundle.tests.length).toBeGreaterThan(60)
    expect([payload.sequence, key.algorithm]).toEqual([12, by])
  })

  test('one directory and one sequence are one file; with ES256, one payload', async () => {
    const texts = async (by: Signer) => [await signed(7, by), await signed(7, by)] as const
    const [one, again] = await texts(ours)
    expect(again).toBe(one)
    const [first, second] = await texts(elliptic)
    expect(partsOf(second)[1]).toBe(partsOf(first)[1])
    expect(second).not.toBe(first)
    expect(await signed(8, ours)).not.toBe(one)
  })

  test('comments and layout change the lines in it, and not its hash', async () => {
    await prepare()
    const moved = await signed(7, ours, `# a comment\n\n${SMALL}`)
    const [before, after] = [await openBundle(good, keys), await openBundle(moved, keys)]
    expect(after.bundle.hash).toBe(before.bundle.hash)
    expect(after.bundle.grants[0]?.at).toBe('a.yaml:6')
  })

  test('each case of a PolicyTest keeps its own line', async () => {
    const one = '    - {identity: quant-research, operation: OPEN, path: /x, expect: deny}\n'
    const head = 'apiVersion: kerbside.io/v1\nkind: PolicyTest\nmetadata: {name: t}\nspec:\n  cases:\n'
    const tests = head + one.repeat(3)
    const folder = folderWith({ 'a.yaml': SMALL, 'b.yaml': tests })
    const { bundle } = await openBundle(await sign(await payloadFrom(folder, 1), ours.key), keys)
    expect(bundle.tests.map(({ at }) => at)).toEqual(['b.yaml:6', 'b.yaml:7', 'b.yaml:8'])
  })
})

describe('a bundle that was changed', () => {
  test('every bit of header and signature, and a bit of every byte between, is missed when it is flipped', async () => {
    await prepare()
    const [header, body] = partsOf(good)
    const isInside = (at: number) => at > header.length && at < header.length + 1 + body.length
    const opened: string[] = []
    for (let at = 0; at < good.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        if (isInside(at) && bit !== at % 8) continue
        const result = await outcome(flipped(good, at, bit))
        if (!result.startsWith('bundle-')) opened.push(`${at}.${bit}: ${result}`)
      }
    }
    expect(opened).toEqual([])
  }, 60_000)

  test('cut off anywhere it is none', async () => {
    await prepare()
    const whole = good.trimEnd()
    const opened: number[] = []
    for (let length = 0; length < whole.length; length++) {
      if ((await outcome(whole.slice(0, length))) === 'opened') opened.push(length)
    }
    expect(opened).toEqual([])
    expect(await outcome(whole)).toBe('opened')
  })

  test('bits that decoders pass over, spaces and more lines are not passed over', async () => {
    await prepare()
    const [header, body, signature] = partsOf(good)
    const last = signature.at(-1) ?? ''
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const spare = alphabet[alphabet.indexOf(last) | 1] ?? ''
    expect(Buffer.from(signature.slice(0, -1) + spare, 'base64url')).toEqual(Buffer.from(signature, 'base64url'))
    const others = [
      [header, body, signature.slice(0, -1) + spare].join('.'),
      [header, body, `${signature}==`].join('.'),
      [header, body, ` ${signature}`].join('.'),
      [header, `${body.slice(0, 8)}\n${body.slice(8)}`, signature].join('.'),
      `${good}\n`,
      ` ${good}`,
      [header, body, signature, ''].join('.'),
      [header, body, signature, 'AAAA', 'AAAA'].join('.'),
    ]
    expect(await Promise.all(others.map(outcome))).toEqual(others.map(() => 'bundle-malformed'))
  })

  test('a payload under the signature of another one', async () => {
    await prepare()
    const [header, , signature] = partsOf(good)
    const [, other] = partsOf(await signed(8, ours))
    expect(await outcome([header, other, signature].join('.'))).toBe('bundle-bad-signature')
    const [foreignHeader, , foreignSignature] = partsOf(await signed(7, elliptic))
    expect(await outcome([foreignHeader, other, foreignSignature].join('.'))).toBe('bundle-bad-signature')
    expect(await outcome([header, other, foreignSignature].join('.'))).toBe('bundle-bad-signature')
  })
})

describe('a signature that is none', () => {
  test('a key that is not trusted, also when it borrows the name of one that is', async () => {
    await prepare()
    expect(await outcome(await signed(7, stranger))).toBe('bundle-unknown-key')
    expect(await outcome(await signedAs(rightHeader(ours), payload, stranger))).toBe('bundle-bad-signature')
    expect(await outcome(await signedAs({ ...rightHeader(stranger), jwk: stranger.jwk }, payload, stranger))).toBe(
      'bundle-malformed',
    )
  })

  test('an algorithm that signs nothing', async () => {
    await prepare()
    for (const alg of ['none', 'None', 'NONE', '']) {
      const header = encoded({ ...rightHeader(ours), alg })
      expect(await outcome(`${header}.${partsOf(good)[1]}.`), alg).toBe('bundle-wrong-algorithm')
      expect(await outcome(`${header}.${partsOf(good)[1]}.${partsOf(good)[2]}`), alg).toBe('bundle-wrong-algorithm')
    }
    expect(await outcome(`${partsOf(good)[0]}.${partsOf(good)[1]}.`)).toBe('bundle-bad-signature')
  })

  test('a public key as the secret of an HMAC, in each form it is written in', async () => {
    await prepare()
    const publicKey = createPublicKey(ours.pem)
    const secrets = [
      publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      createSecretKey(publicKey.export({ type: 'spki', format: 'der' })),
      createSecretKey(Buffer.from(String(ours.jwk.x), 'base64url')),
      JSON.stringify(ours.jwk),
      '',
    ]
    for (const alg of ['HS256', 'EdDSA', 'ES256']) {
      const forged = secrets.map((secret) => macOf({ ...rightHeader(ours), alg }, partsOf(good)[1], secret))
      const codes = await Promise.all(forged.map(outcome))
      const expected = alg === 'EdDSA' ? 'bundle-bad-signature' : 'bundle-wrong-algorithm'
      expect(codes, alg).toEqual(secrets.map(() => expected))
    }
  })

  test('an algorithm that is not the one of the key', async () => {
    await prepare()
    const header = { ...rightHeader(ours), alg: 'ES256' }
    expect(await outcome(await signedAs(header, payload, elliptic))).toBe('bundle-wrong-algorithm')
    const other = await signedAs({ ...rightHeader(elliptic), alg: 'EdDSA' }, payload, ours)
    expect(await outcome(other)).toBe('bundle-wrong-algorithm')
    expect(await outcome(other.replace(/^[^.]*/, encoded({ ...rightHeader(ours), alg: 'Ed25519' })))).toBe(
      'bundle-wrong-algorithm',
    )
  })

  test('a good signature of a trusted key over something else', async () => {
    await prepare()
    for (const typ of [undefined, 'JWT', 'kerbside-policy+JWS', 'application/kerbside-policy+jws', 1]) {
      const { typ: _, ...header } = rightHeader(ours)
      const text = await signedAs(typ === undefined ? header : { ...header, typ }, payload, ours)
      expect(await outcome(text), String(typ)).toBe('bundle-wrong-type')
    }
  })

  test('whatever else the standard allows in a header', async () => {
    await prepare()
    const more = [{ jwk: ours.jwk }, { jku: 'https://keys.example' }, { x5c: ['AAAA'] }, { cty: 'x' }, { zip: 'DEF' }]
    for (const field of more) {
      expect(await outcome(await signedAs({ ...rightHeader(ours), ...field }, payload, ours))).toBe('bundle-malformed')
    }
    const crit = await signedAs({ ...rightHeader(ours), crit: ['x-none'], 'x-none': 1 }, payload, ours)
    expect(await outcome(crit)).toBe('bundle-malformed')
    const { kid: _, ...nameless } = rightHeader(ours)
    expect(await outcome(await signedAs(nameless, payload, ours))).toBe('bundle-malformed')
    expect(await outcome(await signedAs({ ...rightHeader(ours), kid: 'constructor' }, payload, ours))).toBe(
      'bundle-malformed',
    )
    const { alg, kid, typ } = rightHeader(ours)
    const twice = encoded(`{"alg":"none","alg":"${alg}","kid":"${kid}","typ":"${typ}"}`)
    expect(await outcome(good.replace(/^[^.]*/, twice))).toBe('bundle-malformed')
    for (const header of ['', 'null', '[]', '{', '"alg"']) {
      expect(await outcome(good.replace(/^[^.]*/, encoded(header)))).toMatch(/^bundle-(malformed|wrong-type)$/)
    }
  })
})

describe('a good signature of a trusted key over a policy that is none', () => {
  const refused = async (text: string) => {
    await expect(openBundle(await signedAs(rightHeader(ours), text, ours), keys)).rejects.toMatchObject({
      code: 'bundle-bad-content',
    })
  }
  test('content that its hash does not say', async () => {
    await prepare()
    await refused(payload.replace('/data/market', '/data/market2'))
    await refused(changed(payload, (fields) => (fields['hash'] = `sha256:${'0'.repeat(64)}`)))
  })
  test('a field more, a document that is not valid, a name twice', async () => {
    await prepare()
    await refused(changed(payload, (fields) => (fields['expires'] = 'never')))
    const documents = (change: (list: Record<string, unknown>[]) => void) =>
      changed(payload, (fields) => change(fields['documents'] as Record<string, unknown>[]))
    await refused(documents((list) => Object.assign(Object(list[3])['document']['spec'], { efect: 'deny' })))
    await refused(documents((list) => list.push(Object(list[3]))))
    await refused(documents((list) => list.splice(2, 1)))
  })
  test('bytes that are not text', async () => {
    const text = await signedAs(rightHeader(ours), Buffer.from([0x7b, 0xff, 0x7d]), ours)
    expect(await outcome(text)).toBe('bundle-malformed')
  })
})

test('what is not signed can be looked into, and is never opened', async () => {
  await prepare()
  expect(await outcome(`${payload}\n`)).toBe('bundle-unsigned')
  expect(lookInto(`${payload}\n`)).toMatchObject({ payload: { sequence: 7 } })
  expect(lookInto(`${payload}\n`)).not.toHaveProperty('header')
  expect(lookInto(await signed(9, stranger))).toMatchObject({
    header: { kid: stranger.key.id },
    payload: { sequence: 9 },
  })
  expect(() => lookInto('{}')).toThrow(expect.objectContaining({ code: 'bundle-bad-content' }))
})

test('text with every kind of character comes back', async () => {
  const reason = 'ünïcödé 漢字 🔑 "quoted" \\ \u2028 </script>'
  const policy = SMALL + grant('odd', { reason }) + document('Policy', 'p', { mode: 'shadow' })
  const { bundle } = await openBundle(await signed(1, ours, policy), keys)
  expect(bundle.grants[1]?.reason).toBe(reason)
  expect(bundle.mode).toBe('shadow')
})

describe('a file that is none', () => {
  test.each<[string, (folder: string) => string, ErrorCode]>([
    ['nothing', (folder) => join(folder, 'none.jws'), 'bad-policy'],
    ['a folder', (folder) => folder, 'bundle-unsigned'],
    ['a device that never ends', () => '/dev/zero', 'bundle-malformed'],
    ['a path through a file', (folder) => join(folder, 'a.yaml', 'x'), 'bad-policy'],
  ])('%s', async (_, path, code) => {
    await expect(readBundleText(path(folderWith({ 'a.yaml': SMALL })))).rejects.toMatchObject({ code })
  })
  test('one that is too large is not read', async () => {
    const file = join(folderWith({ 'policy.jws': '' }), 'policy.jws')
    truncateSync(file, LARGEST_BUNDLE_BYTES + 1)
    await expect(readBundleText(file)).rejects.toMatchObject({ code: 'bundle-malformed' })
  })
})
