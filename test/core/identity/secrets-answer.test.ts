/** What the broker hands out and a sidecar reads: the same secrets on both ends, and no answer that is half right. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ERRORS, type ErrorCode, KerbsideError } from '../../../src/core/errors.ts'
import { type Handed, readSecrets, writeSecretsHead } from '../../../src/core/identity/secrets-answer.ts'

/** As the broker sends it. */
const answerOf = (all: readonly Handed[]): Uint8Array =>
  Buffer.concat([
    Buffer.from(writeSecretsHead(all), 'latin1'),
    ...all.flatMap((one) => ('bytes' in one ? [Buffer.from(one.bytes)] : [])),
  ])

const codes = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => code.startsWith('secret-'))
const word = fc.oneof(fc.string(), fc.constantFrom('keytab', '__proto__', 'a\nb', '\u2028', 'ü'))
const handed: fc.Arbitrary<Handed> = fc.oneof(
  fc.record({ key: word, bytes: fc.uint8Array({ maxLength: 600 }), version: word }),
  fc.record({ key: word, bytes: fc.uint8Array(), version: word, expiresAt: fc.maxSafeInteger() }),
  fc.record({ key: word, failed: fc.constantFrom(...codes) }),
)
const answers = fc.uniqueArray(handed, { selector: ({ key }) => key, maxLength: 5 })
/** What a test compares by: bytes of whatever kind of array. */
const plain = (all: readonly Handed[]) => all.map((one) => ('bytes' in one ? { ...one, bytes: [...one.bytes] } : one))

test('what is read is what was written', () => {
  fc.assert(
    fc.property(answers, (all) => {
      expect(plain(readSecrets(answerOf(all)))).toEqual(plain(all))
    }),
  )
})

test('an answer that was cut, or that goes on, is refused, wherever it was cut', () => {
  const whole = answerOf([
    { key: 'ca.pem', bytes: Buffer.from('-----BEGIN'), version: '1' },
    { key: 'keytab', bytes: Uint8Array.from([5, 2, 10, 10]), version: '2' },
  ])
  for (let length = 0; length < whole.length; length++) {
    expect(() => readSecrets(whole.subarray(0, length)), `${length} bytes`).toThrow(KerbsideError)
  }
  expect(() => readSecrets(Buffer.concat([whole, Buffer.of(0)]))).toThrow('holds more than it says')
})

const head = (row: unknown) => () => readSecrets(Buffer.from(`${JSON.stringify([row])}\n`))

test.each([
  ['no name', { version: '1', length: 0 }],
  ['no version', { key: 'keytab', length: 0 }],
  ['no length', { key: 'keytab', version: '1' }],
  ['a negative length', { key: 'keytab', version: '1', length: -1 }],
  ['a length that is not whole', { key: 'keytab', version: '1', length: 0.5 }],
  ['a length in words', { key: 'keytab', version: '1', length: '0' }],
  ['a length beyond any secret', { key: 'keytab', version: '1', length: 2 ** 20 + 1 }],
  ['an end that is no time', { key: 'keytab', version: '1', length: 0, expiresAt: 'soon' }],
  ['a reason that is none', { key: 'keytab', failed: 'secret-nonsense' }],
  ['a reason of another kind', { key: 'keytab', failed: 'kerberos-refused' }],
  ['nothing', null],
])('a secret with %s is refused', (_, row) => {
  expect(head(row)).toThrow(KerbsideError)
})

test('neither a head without an end, nor one that is no list, nor one name for two secrets, is read', () => {
  expect(() => readSecrets(Buffer.alloc(100_000, 'a'))).toThrow('has no first line')
  expect(() => readSecrets(Buffer.from('{}\n'))).toThrow('does not say what it holds')
  expect(() => readSecrets(Buffer.from('[canary\n'))).toThrow('is not understood')
  const twice = { key: 'keytab', bytes: new Uint8Array(), version: '1' }
  expect(() => readSecrets(answerOf([twice, twice]))).toThrow('names a secret twice')
})

test('whatever arrives ends in a secret or in one code, and is not quoted', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.string().map((text) => Buffer.from(`${text}CANARY\n`)),
      ),
      (bytes) => {
        try {
          readSecrets(bytes)
        } catch (error) {
          expect(error).toMatchObject({ code: 'secret-malformed' })
          expect((error as Error).message).not.toContain('CANARY')
        }
      },
    ),
  )
})
