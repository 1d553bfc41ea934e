/** The message to a KDC that carries no key, and what is made of its answer. `test/e2e/doctor` asks a real KDC. */
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asRequest, readKdcAnswer } from '../../../src/core/kerberos/as-exchange.ts'
import { kdcMeaning } from '../../../src/core/kerberos/kdc-errors.ts'
import { principalText, readPrincipal } from '../../../src/core/kerberos/principal.ts'

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'))

/** As krb5kdc of MIT krb5 1.20.1 answered to `nobody@LAB`, at 2026-11-26T08:39:35.544262Z. */
const ERROR = hex(`7e7c 307a a003020105 a10302011e a411180f32303236313132363038333933355a a5050203084e06 a603020106
  a7051b034c4142 a8133011a003020101a10a30081b066e6f626f6479 a9051b034c4142
  aa183016a003020102a10f300d1b066b72627467741b034c4142 ab121b10434c49454e545f4e4f545f464f554e44`)

test('an error says its number, and the time of the KDC to the microsecond', () => {
  expect(readKdcAnswer(ERROR)).toEqual({
    says: 'error',
    errorCode: 6,
    serverTimeMs: Date.UTC(2026, 10, 26, 8, 39, 35) + 544.262,
  })
})

test('openssl reads the request as DER, whole, with the principal and no key in it', () => {
  const request = asRequest({ principal: 'HTTP/host.lab@CORP.LAB', enctypes: [18, 17], nonce: 2 ** 31 - 1 })
  const parsed = execFileSync('openssl', ['asn1parse', '-inform', 'DER'], { input: request, encoding: 'latin1' })
  expect([...parsed.matchAll(/GENERALSTRING|INTEGER\s+:(\w+)|GENERALIZEDTIME\s+:(\w+)/g)].length).toBeGreaterThan(8)
  for (const part of ['HTTP', 'host.lab', 'CORP.LAB', 'krbtgt']) expect(Buffer.from(request).includes(part)).toBe(true)
  expect(parsed).toContain(':7FFFFFFF')
  expect(parsed).toContain(':19700101000000Z')
  expect(parsed).not.toContain('OCTET STRING')
})

test('a long name takes lengths of two bytes', () => {
  const principal = `${'n'.repeat(400)}@LAB`
  const request = asRequest({ principal, enctypes: [18], nonce: 1 })
  expect(request[1]).toBe(0x82)
  expect(request.length).toBe(4 + ((request[2] ?? 0) << 8) + (request[3] ?? 0))
})

test('what is no answer of a KDC is nothing, cut off or changed anywhere; and never an exception', () => {
  for (let length = 0; length < ERROR.length; length++) expect(readKdcAnswer(ERROR.subarray(0, length))).toBeUndefined()
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readKdcAnswer(bytes)))
  fc.assert(
    fc.property(fc.nat(ERROR.length - 1), fc.nat(255), (at, byte) => {
      const changed = Uint8Array.from(ERROR)
      changed[at] = byte
      void readKdcAnswer(changed)
    }),
  )
  expect(readKdcAnswer(new TextEncoder().encode('HTTP/1.1 400 Bad Request\r\n\r\n'))).toBeUndefined()
})

test('only the wish for a proof is good: every other number is told, known or not', () => {
  expect(kdcMeaning(25).isGood).toBe(true)
  for (const code of [6, 12, 14, 18, 23, 68, 60, 4711]) {
    expect(kdcMeaning(code).isGood, String(code)).toBe(false)
    expect(kdcMeaning(code).advice, String(code)).toBeDefined()
  }
  expect(kdcMeaning(4711).says).toContain('4711')
})

test('a principal is taken apart as it was put together, whatever stands in its names', () => {
  const part = fc.string({
    unit: fc.constantFrom('a', '/', '@', '\\', '\t', '\n', 'é', '😀', ' '),
    minLength: 1,
    maxLength: 8,
  })
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), part, (components, realm) => {
      expect(readPrincipal(principalText(components, realm))).toEqual({ components, realm })
    }),
  )
})
