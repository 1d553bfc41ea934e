/** `kerbside policy build`, `verify`, `inspect` and `keygen`, as a CI job and whoever reviews it meet them. */
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { dataset, document, folderWith, grant, SMALL } from '../io/policy/folder.ts'
import { flipped, jwks, type Signer, signedAs, signer } from '../io/policy/signed.ts'
import { type Ran, runCli } from './run-cli.ts'

const CASE = { identity: 'quant-research', operation: 'OPEN', path: '/data/market/x', expect: 'allow' }
const TESTED = SMALL + document('PolicyTest', 't', { cases: [CASE] })
let ours: Signer
let elliptic: Signer
beforeAll(async () => {
  ours = await signer()
  elliptic = await signer('ES256')
})

type Desk = { at(name: string): string; text(name: string): string; run(...words: readonly string[]): Promise<Ran> }

/** A folder to work in: words that begin with `@` are files in it. */
function desk(policy: string = TESTED): Desk {
  const folder = folderWith({
    'policies/a.yaml': policy,
    'key.pem': ours.pem,
    'ec.pem': elliptic.pem,
    'keys.json': jwks(ours, elliptic),
    'foreign.json': jwks(elliptic),
  })
  const at = (name: string) => join(folder, name)
  for (const key of ['key.pem', 'ec.pem']) chmodSync(at(key), 0o600)
  return {
    at,
    text: (name) => readFileSync(at(name), 'utf8'),
    run: (...words) => runCli(['policy', ...words.map((word) => (word.startsWith('@') ? at(word.slice(1)) : word))]),
  }
}
const BUILD = ['build', '@policies', '--sequence', '7', '--key', '@key.pem', '--out', '@p.jws']

describe('build', () => {
  test('writes a bundle that verify takes, the same bytes each time', async () => {
    const { run, text } = desk()
    const { code, out, err } = await run(...BUILD)
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/p\.jws: sequence 7, [\d,]+ bytes, signed by [\w-]{43} \(EdDSA\)\n1 cluster, .*sha256:/)
    const first = text('p.jws')
    await run(...BUILD)
    expect(text('p.jws')).toBe(first)
    expect(await run('verify', '@p.jws', '--trust', '@keys.json', '--at-least', '7')).toMatchObject({ code: 0 })
  })

  test('writes nothing when the policy is not valid, or a PolicyTest fails, or there is none', async () => {
    const invalid = desk(TESTED + grant('g', { datasets: ['marekt'] }))
    expect(await invalid.run(...BUILD)).toMatchObject({ code: 3, err: expect.stringContaining('a.yaml:6:') })
    const failing = desk(TESTED.replace('"expect":"allow"', '"expect":"deny"'))
    const { code, err } = await failing.run(...BUILD)
    expect([code, err]).toEqual([1, expect.stringContaining('1 of 1 test failed: nothing is signed')])
    const untested = desk(SMALL)
    expect(await untested.run(...BUILD)).toMatchObject({ code: 1, err: expect.stringContaining('tests nothing') })
    for (const { text } of [invalid, failing, untested]) expect(() => text('p.jws')).toThrow('ENOENT')
    for (const { run } of [failing, untested]) expect(await run(...BUILD, '--skip-tests')).toMatchObject({ code: 0 })
    expect(await invalid.run(...BUILD, '--skip-tests')).toMatchObject({ code: 3 })
  })

  test('takes the key from the secret store', async () => {
    const { run, at } = desk()
    const store = folderWith({ 'signing/policy/key.pem': elliptic.pem })
    const secret = ['--key-secret', 'signing/policy/key.pem', '--store', 'files', '--store-mount', store]
    const words = ['build', '@policies', '--sequence', '7', '--out', '@p.jws']
    expect(await run(...words, ...secret)).toMatchObject({ code: 0, out: expect.stringContaining('(ES256)') })
    expect(await run('verify', at('p.jws'), '--trust', '@foreign.json')).toMatchObject({ code: 0 })
    const none = await run(...words, ...secret.with(1, 'signing/other/key.pem'))
    expect(none).toMatchObject({ code: 3, err: expect.stringContaining('secret `signing/other` `key.pem`') })
    const outside = await run(...words, ...secret.with(1, '../policy/key.pem'))
    expect(outside).toMatchObject({ code: 3, err: expect.stringContaining('cannot be the name of a secret') })
  })

  test('says when others may read the key, and when a ConfigMap cannot hold the bundle', async () => {
    const deep = `/${Array(4).fill('x'.repeat(200)).join('/')}`
    const prefixes = Array.from({ length: 1000 }, (_, index) => `${deep}/${index}`)
    const { run, at } = desk(TESTED + dataset('large', '/large', { prefixes }))
    chmodSync(at('key.pem'), 0o644)
    const { code, err } = await run(...BUILD)
    expect(code).toBe(0)
    expect(err).toMatch(/^warning: others than its owner may read `.*key\.pem`, a private key\n/)
    expect(err).toMatch(/\nwarning: `.*p\.jws` has [\d,]+ bytes, and a ConfigMap or a Secret holds 1,048,576/)
  })

  test('writes a moment only where one is given', async () => {
    const { run, text } = desk()
    const payload = () => JSON.parse(Buffer.from(text('p.jws').split('.')[1] ?? '', 'base64url').toString())
    await run(...BUILD)
    expect(payload()).not.toHaveProperty('created')
    await run(...BUILD, '--created', '2027-01-31T01:00:00+01:00')
    expect(payload()).toMatchObject({ created: '2027-01-31T00:00:00Z' })
  })

  test.each<[string, readonly string[], string]>([
    ['no sequence', ['--key', '@key.pem', '--out', '@p.jws'], '`--sequence` is not given'],
    ['sequence 0', ['--sequence', '0', '--key', '@key.pem', '--out', '@p.jws'], '`--sequence 0` is not a whole number'],
    [
      'half a sequence',
      ['--sequence', '1.5', '--key', '@key.pem', '--out', '@p.jws'],
      '`--sequence 1.5` is not a whole',
    ],
    ['a sequence too large', ['--sequence', '9007199254740993', '--key', '@key.pem', '--out', '@p.jws'], 'not a whole'],
    ['no key', ['--sequence', '1', '--out', '@p.jws'], 'no key to sign with'],
    [
      'a key and none',
      ['--sequence', '1', '--unsigned', '--key', '@key.pem', '--out', '@p.jws'],
      'cannot be used with',
    ],
    [
      'a secret without a store',
      ['--sequence', '1', '--key-secret', 'a/b', '--out', '@p.jws'],
      '`--store` is not given',
    ],
    [
      'a secret of no path',
      ['--sequence', '1', '--key-secret', 'key', '--store', 'files', '--out', '@p.jws'],
      'is not a path, `/` and a key',
    ],
    [
      'a store without its place',
      ['--sequence', '1', '--key-secret', 'a/b', '--store', 'openbao', '--out', '@p.jws'],
      '`--store openbao` needs `--store-ca`',
    ],
    ['a moment without a zone', [...BUILD.slice(2), '--created', '2027-01-31T00:00:00'], 'not a moment with its zone'],
  ])('%s is a slip, and nothing is written', async (_, words, said) => {
    const { run, text } = desk()
    expect(await run('build', '@policies', ...words)).toMatchObject({ code: 2, err: expect.stringContaining(said) })
    expect(() => text('p.jws')).toThrow('ENOENT')
  })

  test('a key that is none exits with 3', async () => {
    const { run } = desk()
    expect(await run(...BUILD.with(5, '@keys.json'))).toMatchObject({ code: 3 })
    expect(await run(...BUILD.with(5, '@none.pem'))).toMatchObject({
      code: 3,
      err: expect.stringContaining('not exist'),
    })
    expect(await run(...BUILD.with(7, '@none/p.jws'))).toMatchObject({ code: 3 })
  })
})

describe('verify', () => {
  test('says each refusal by its code, and exits with 3', async () => {
    const { run, at, text } = desk()
    await run(...BUILD)
    const refusal = async (...words: readonly string[]) => {
      const { code, out, err } = await run('verify', ...words)
      expect([code, out]).toEqual([3, ''])
      return /refused, ([a-z-]+): /.exec(err)?.[1] ?? err
    }
    expect(await refusal('@p.jws', '--trust', '@keys.json', '--at-least', '8')).toBe('bundle-older')
    expect(await refusal('@p.jws', '--trust', '@foreign.json')).toBe('bundle-unknown-key')
    const whole = text('p.jws')
    writeFileSync(at('flipped.jws'), flipped(whole, whole.length >> 1, 1))
    expect(await refusal('@flipped.jws', '--trust', '@keys.json')).toBe('bundle-bad-signature')
    writeFileSync(at('cut.jws'), whole.slice(0, 100))
    expect(await refusal('@cut.jws', '--trust', '@keys.json')).toBe('bundle-malformed')
    writeFileSync(at('jwt.jws'), await signedAs({ alg: 'EdDSA', typ: 'JWT', kid: ours.key.id }, '{}', ours))
    expect(await refusal('@jwt.jws', '--trust', '@keys.json')).toBe('bundle-wrong-type')
    await run('build', '@policies', '--sequence', '7', '--unsigned', '--out', '@u.json')
    expect(await refusal('@u.json', '--trust', '@keys.json')).toBe('bundle-unsigned')
    expect(await refusal('@policies', '--trust', '@keys.json')).toBe('bundle-unsigned')
    expect(await refusal('@p.jws', '--trust', '@key.pem')).toContain('it must hold public keys alone')
    expect(await refusal('@none.jws', '--trust', '@keys.json')).toContain('it does not exist')
  })

  test('asks for the keys, and does not go on without', async () => {
    const { run } = desk()
    await run(...BUILD)
    expect(await run('verify', '@p.jws')).toEqual({ code: 2, out: '', err: 'kerbside: `--trust` is not given\n' })
  })

  test('says whether it is what a directory says: 0 or 1', async () => {
    const { run, at } = desk()
    await run(...BUILD)
    const words = ['verify', '@p.jws', '--trust', '@keys.json', '--policy', '@policies']
    expect(await run(...words)).toMatchObject({ code: 0, err: '' })
    writeFileSync(at('policies/b.yaml'), grant('more'))
    expect(await run(...words)).toMatchObject({ code: 1, err: expect.stringContaining('other content') })
    const { code, out } = await run(...words, '--output', 'json')
    expect([code, JSON.parse(out)]).toMatchObject([1, { verified: true, sequence: 7, grants: 1, same: false }])
  })
})

describe('inspect', () => {
  test('shows what is in it, and that it believes nothing', async () => {
    const { run } = desk()
    await run(...BUILD)
    const { code, out, err } = await run('inspect', '@p.jws')
    expect(out).toMatch(/^signature {2}EdDSA, key [\w-]{43}, not verified\nsequence {3}7\nhash {7}sha256:/m)
    expect(out).toContain('1 cluster, 1 identity, 1 dataset, 1 grant, 1 test\n\n  a.yaml  5 documents\n')
    expect([code, err]).toEqual([0, 'not verified: anybody may have written this; --trust KEYS verifies it\n'])
  })

  test('verifies when it is told whom to trust', async () => {
    const { run } = desk()
    await run(...BUILD)
    const { code, out, err } = await run('inspect', '@p.jws', '--trust', '@keys.json')
    expect([code, err]).toEqual([0, ''])
    expect(out).not.toContain('not verified')
    const foreign = await run('inspect', '@p.jws', '--trust', '@foreign.json')
    expect(foreign).toMatchObject({ code: 3, out: '', err: expect.stringContaining('bundle-unknown-key') })
  })

  test('shows what is not signed, and says so', async () => {
    const { run } = desk()
    await run('build', '@policies', '--sequence', '7', '--unsigned', '--out', '@u.json')
    const { code, out, err } = await run('inspect', '@u.json', '--output', 'json')
    expect([code, JSON.parse(out)]).toMatchObject([0, { verified: false, sequence: 7, files: { 'a.yaml': 5 } }])
    expect(JSON.parse(out)).not.toHaveProperty('key')
    expect(err).toContain('not signed')
  })

  test('a name in it cannot move the cursor', async () => {
    const { run, at } = desk()
    writeFileSync(at('policies/b\u001b[2J\u202e.yaml'), grant('more'))
    await run(...BUILD)
    expect((await run('inspect', '@p.jws')).out).not.toMatch(/[\u001b\u202e]/)
  })
})

describe('keygen', () => {
  test.each(['EdDSA', 'ES256'])('%s: a private key for its owner alone, and what others trust', async (algorithm) => {
    const { run, at } = desk()
    const { code, out, err } = await run('keygen', '--out', '@new.pem', '--algorithm', algorithm)
    expect(code).toBe(0)
    expect(statSync(at('new.pem')).mode & 0o777).toBe(0o600)
    expect(JSON.parse(out)).toMatchObject({ alg: algorithm, use: 'sig', kid: expect.stringMatching(/^[\w-]{43}$/) })
    expect(JSON.parse(out)).not.toHaveProperty('d')
    expect(err).not.toContain('PRIVATE KEY')
    writeFileSync(at('trust.json'), out)
    await run(...BUILD.with(5, '@new.pem'))
    expect(await run('verify', '@p.jws', '--trust', '@trust.json')).toMatchObject({ code: 0 })
    expect(await run('verify', '@p.jws', '--trust', '@keys.json')).toMatchObject({ code: 3 })
  })

  test('a key that is there is not written over', async () => {
    const { run, text } = desk()
    const { code, out, err } = await run('keygen', '--out', '@key.pem')
    expect([code, out]).toEqual([3, ''])
    expect(err).toContain('is there already, and is not written over')
    expect(text('key.pem')).toBe(ours.pem)
  })
})

describe('what is asked of a bundle', () => {
  const widened = TESTED + grant('more', { datasets: ['market'], actions: ['write'] })
  const ask = ['who-can', 'read', '/data/market/x', '@p.jws']

  test.each([[ask], [['what-can', 'quant', '@p.jws']], [['diff', '@p.jws', '@p.jws']]])(
    '%j is answered, and that nobody verified it is said, unless --trust does',
    async (words) => {
      const { run } = desk()
      await run(...BUILD)
      const unverified = await run(...words)
      expect([unverified.code, unverified.err]).toEqual([0, expect.stringMatching(/not verified: `.*p\.jws`; --trust/)])
      const verified = await run(...words, '--trust', '@keys.json')
      expect([verified.code, verified.err]).toEqual([0, ''])
      expect(await run(...words, '--trust', '@foreign.json')).toMatchObject({ code: 3, out: '' })
    },
  )

  test('a diff of two says what the second one gives', async () => {
    const { run, at } = desk()
    await run(...BUILD)
    writeFileSync(at('policies/a.yaml'), widened)
    await run('build', '@policies', '--sequence', '8', '--key', '@key.pem', '--out', '@q.jws')
    const words = ['diff', '@p.jws', '@q.jws', '--trust', '@keys.json', '--exit-code']
    const { code, out } = await run(...words)
    expect([code, out]).toEqual([1, expect.stringMatching(/create.*delete/s)])
    expect(out).toContain('market')
    expect(await run('diff', '@q.jws', '@q.jws', '--trust', '@keys.json', '--exit-code')).toMatchObject({ code: 0 })
  })
})
