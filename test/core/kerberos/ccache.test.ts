/** The reader of credential caches, on bytes made here; `test/e2e/credentials` reads those that kinit writes. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KerbsideError } from '../../../src/core/errors.ts'
import { readCredentialCache } from '../../../src/core/kerberos/ccache.ts'

const u16 = (value: number) => [(value >> 8) & 0xff, value & 0xff]
const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)]
const data = (text: string) => [...u32(text.length), ...new TextEncoder().encode(text)]
const principal = (name: string) => {
  const [path = '', realm = ''] = name.split('@')
  const components = path.split('/')
  return [...u32(1), ...u32(components.length), ...data(realm), ...components.flatMap(data)]
}
const ticket = (service: string, startsAt: number, expiresAt: number) => [
  ...principal('quant@LAB'),
  ...principal(service),
  ...u16(18),
  ...data('KEYKEYKEYKEYKEYKEYKEYKEYKEYKEYKE'),
  ...u32(startsAt),
  ...u32(startsAt),
  ...u32(expiresAt),
  ...u32(0),
  0,
  ...u32(0),
  ...u32(1),
  ...u16(2),
  ...data('addr'),
  ...u32(1),
  ...u16(1),
  ...data('auth'),
  ...data('TICKET'),
  ...data(''),
]
const cache = (...tickets: number[][]) => cacheOffBy(0, ...tickets)
const cacheOffBy = (seconds: number, ...tickets: number[][]) =>
  Uint8Array.from(
    [...u16(0x0504), ...u16(12), ...u16(1), ...u16(8), ...u32(seconds), ...u32(0)].concat(
      principal('quant@LAB'),
      ...tickets,
    ),
  )

test('how far the clock of the KDC was ahead, or behind', () => {
  expect(readCredentialCache(cacheOffBy(600)).kdcOffsetMs).toBe(600_000)
  expect(readCredentialCache(cacheOffBy(-600)).kdcOffsetMs).toBe(-600_000)
})

test('a ticket that says no start holds from its authentication', () => {
  const bytes = ticket('krbtgt/LAB@LAB', 1_700_000_000, 1_700_036_000)
  const at = bytes.findIndex(
    (_, index) =>
      index > 0 && String(bytes.slice(index, index + 8)) === String([...u32(1_700_000_000), ...u32(1_700_000_000)]),
  )
  bytes.splice(at + 4, 4, 0, 0, 0, 0)
  expect(readCredentialCache(cache(bytes)).tickets[0]?.startsAt).toBe(1_700_000_000_000)
})

test('whose it is, and each ticket with its times, but no entry that is configuration', () => {
  const bytes = cache(
    ticket('krbtgt/LAB@LAB', 1_700_000_000, 1_700_036_000),
    ticket('krb5_ccache_conf_data/refresh_time@X-CACHECONF:', 0, 0),
    ticket('HTTP/nn1.lab@LAB', 1_700_000_001, 4_000_000_000),
  )
  expect(readCredentialCache(bytes)).toEqual({
    principal: 'quant@LAB',
    kdcOffsetMs: 0,
    tickets: [
      { service: 'krbtgt/LAB@LAB', startsAt: 1_700_000_000_000, expiresAt: 1_700_036_000_000 },
      { service: 'HTTP/nn1.lab@LAB', startsAt: 1_700_000_001_000, expiresAt: 4_000_000_000_000 },
    ],
  })
})

test('another version, and a cache cut off anywhere in its ticket, are refused', () => {
  expect(() => readCredentialCache(Uint8Array.of(5, 3, 0, 0))).toThrow('not of version 4')
  const whole = cache(ticket('krbtgt/LAB@LAB', 1, 2))
  const empty = cache()
  for (let length = 0; length < whole.length; length++) {
    if (length === empty.length) continue
    expect(() => readCredentialCache(whole.subarray(0, length)), `${length} bytes`).toThrow(KerbsideError)
  }
})

test('any bytes are answered by a cache or by our own error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
      try {
        readCredentialCache(Uint8Array.from([5, 4, 0, 0, ...tail]))
      } catch (error) {
        expect(error).toBeInstanceOf(KerbsideError)
      }
    }),
  )
})
