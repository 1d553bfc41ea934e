/** Real keytabs and credential caches with bytes changed: a reading or a named error, never a crash, and never a byte of a key. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KerbsideError } from '../../../src/core/errors.ts'
import { readCredentialCache } from '../../../src/core/kerberos/ccache.ts'
import { readKeytab } from '../../../src/core/kerberos/keytab.ts'
import { mutationsOf } from '../../fuzz/parsers/mutations.ts'

const REAL = join(import.meta.dirname, '..', '..', 'fixtures', 'kerberos')
const file = (name: string) => new Uint8Array(readFileSync(join(REAL, name)))

test.each<[string, (bytes: Uint8Array) => unknown, string]>([
  ['several.keytab', readKeytab, 'keytab-malformed'],
  ['two-tickets.ccache', readCredentialCache, 'kerberos-failed'],
])('%s', (name, read, code) => {
  let refused = 0
  fc.assert(
    fc.property(mutationsOf(file(name)), (bytes) => {
      try {
        read(bytes)
      } catch (thrown) {
        refused += 1
        expect(thrown).toBeInstanceOf(KerbsideError)
        expect(thrown).toMatchObject({ code })
        // Places and lengths; nothing of what stands there.
        expect((thrown as KerbsideError).message).toMatch(/^the (keytab|credential cache) [a-z0-9 ,-]{1,90}$/)
      }
    }),
    { numRuns: 4000 },
  )
  expect(refused).toBeGreaterThan(1000)
})
