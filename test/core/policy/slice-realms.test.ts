/** Realms that a cluster trusts, in the line that a sidecar reads: all that was written, and nothing half right. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSlice, writeSlice } from '../../../src/core/policy/slice-line.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'

const word = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('__proto__', 'constructor', 'A\n}'))
const realms = fc.array(
  fc.record({ realm: word, kdcs: fc.array(word), via: word }, { requiredKeys: ['realm', 'kdcs'] }),
)
const withRealms = (given: unknown) => JSON.stringify({ ...SLICE, cluster: { ...SLICE.cluster, realms: given } })

test('what is written is what is read', () => {
  fc.assert(
    fc.property(realms, (given) => {
      const slice = { ...SLICE, cluster: { ...SLICE.cluster, realms: given } }
      expect(readSlice(writeSlice(slice))).toEqual(slice)
    }),
  )
  expect(readSlice(writeSlice(SLICE)).cluster).not.toHaveProperty('realms')
})

test.each<[string, unknown, string]>([
  ['no list', {}, '`realms` of the slice is not a list'],
  ['null', null, '`realms` of the slice is not a list'],
  ['a list of names', ['CORP'], '`realms` of the slice is not an object'],
  ['one without a name', [{ kdcs: [] }], '`realm` of the slice is not text'],
  ['one without KDCs', [{ realm: 'CORP' }], '`kdcs` of the slice is not a list'],
  ['one with a KDC that is no text', [{ realm: 'CORP', kdcs: [7] }], '`kdcs` of the slice has something else'],
  ['one by way of nothing', [{ realm: 'CORP', kdcs: [], via: '' }], '`via` of the slice is not text'],
])('%s is refused', (_, given, said) => {
  expect(() => readSlice(withRealms(given))).toThrow(said)
})
