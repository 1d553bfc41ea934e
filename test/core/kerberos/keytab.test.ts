/** A keytab is read, or said to be what it is instead; and never is a key in what is said. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KerbsideError } from '../../../src/core/errors.ts'
import { readKeytab } from '../../../src/core/kerberos/keytab.ts'
import { usableKeys } from '../../../src/core/kerberos/usable-keys.ts'
import { aes, canaryKey, hole, keytab } from './keytab-bytes.ts'

function complaint(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (!(error instanceof KerbsideError)) throw error
    expect(error.code).toBe('keytab-malformed')
    return error.message
  }
  return 'no complaint'
}

test('every entry is read, holes and longer records are passed over', () => {
  const entries = readKeytab(keytab(aes('quant@LAB', 3), hole(40), aes('HTTP/nn1.lab@LAB', 2, 17)))
  expect(entries.map(({ principal, kvno, enctype }) => [principal, kvno, enctype])).toEqual([
    ['quant@LAB', 3, 18],
    ['HTTP/nn1.lab@LAB', 2, 17],
  ])
})

test('a zero length ends the keytab, whatever follows', () => {
  expect(readKeytab(keytab(aes('quant@LAB'), [0, 0, 0, 0], [1, 2, 3]))).toHaveLength(1)
})

test('the long kvno counts when there is one, and zero means that there is none', () => {
  expect(readKeytab(keytab({ ...aes('quant@LAB', 1), longKvno: 257 }))[0]?.kvno).toBe(257)
  expect(readKeytab(keytab({ ...aes('quant@LAB', 9), longKvno: 0 }))[0]?.kvno).toBe(9)
})

test('names are told apart even when a component holds a separator', () => {
  const odd = { ...aes('x@LAB'), principal: ['quant/admin@LAB'] }
  expect(readKeytab(keytab(odd))[0]?.principal).toBe('quant\\/admin\\@LAB@LAB')
})

test.each([
  ['an empty file', Uint8Array.of(), 'the keytab is empty'],
  ['one byte', Uint8Array.of(5), 'the keytab ends after 1 byte'],
  ['version 1', Uint8Array.of(5, 1, 0, 0), 'the keytab is of version 1'],
  ['base64', new TextEncoder().encode(Buffer.from(keytab(aes('quant@LAB'))).toString('base64')), 'is base64 text'],
  ['a PEM file', new TextEncoder().encode('-----BEGIN CERTIFICATE-----'), 'does not begin with the bytes 05 02'],
  ['no entry', keytab(), 'the keytab has no entry'],
  ['only holes', keytab(hole(12)), 'the keytab has no entry'],
  ['the hole that cannot be negated', Uint8Array.of(5, 2, 0x80, 0, 0, 0), 'is cut off in the entry at byte 2'],
  ['a key of the wrong length', keytab({ ...aes('quant@LAB'), key: canaryKey(31) }), 'key of 31 bytes'],
  ['too much', new Uint8Array((1 << 20) + 1).fill(5), 'is larger than 1048576 bytes'],
])('%s is named as that', (_, bytes, expected) => {
  expect(complaint(() => readKeytab(bytes))).toContain(expected)
})

test('cut anywhere, a keytab is refused or has whole entries only; no complaint quotes a key', () => {
  const whole = keytab(aes('quant@LAB', 1), aes('quant@LAB', 2, 17), aes('climate@LAB', 1))
  for (let length = 0; length < whole.length; length++) {
    const said = complaint(() => {
      for (const entry of readKeytab(whole.subarray(0, length)))
        expect(entry.principal).toMatch(/^(quant|climate)@LAB$/)
    })
    expect(said).not.toContain('KKKK')
    expect(said).not.toMatch(/4b4b/i)
  }
})

test('any bytes are answered by entries or by `keytab-malformed`', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
      complaint(() => readKeytab(Uint8Array.from([5, 2, ...tail])))
    }),
  )
})

test('a principal that is not in the keytab is told who is', () => {
  const entries = readKeytab(keytab(aes('quant@LAB'), aes('quant@LAB', 1, 17), aes('climate@LAB')))
  expect(complaint(() => usableKeys(entries, 'quant@OTHER'))).toBe(
    'the keytab has no key for `quant@OTHER`, only for `quant@LAB`, `climate@LAB`',
  )
  expect(complaint(() => usableKeys(entries, 'Quant@LAB'))).toContain('no key for `Quant@LAB`')
})

test('an old AES key does not help when the newest key is RC4', () => {
  const entries = readKeytab(keytab(aes('quant@LAB', 2, 18), aes('quant@LAB', 3, 23)))
  expect(complaint(() => usableKeys(entries, 'quant@LAB'))).toBe(
    'the newest key of `quant@LAB` (kvno 3) is arcfour-hmac, which is refused',
  )
})

test('of the newest keys only the accepted ones are used', () => {
  const entries = readKeytab(keytab(aes('quant@LAB', 3, 23), aes('quant@LAB', 3, 17), aes('quant@LAB', 2, 18)))
  expect(usableKeys(entries, 'quant@LAB').map(({ enctype }) => enctype)).toEqual([17])
})

test('a kvno that began again at 1 is newer than 255 when it was written later, in either order', () => {
  const old = { ...aes('quant@LAB', 255, 18), writtenAt: 1000 }
  const young = { ...aes('quant@LAB', 1, 18), writtenAt: 2000 }
  for (const entries of [keytab(old, young), keytab(young, old)]) {
    expect(usableKeys(readKeytab(entries), 'quant@LAB').map(({ kvno }) => kvno)).toEqual([1])
  }
})
