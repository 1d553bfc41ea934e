/** Names for stores without folders: two secrets never have one, however alike they are made. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SecretRef } from '../../../src/io/secret-store.ts'
import { flatName } from '../../../src/io/secret-stores/flat-name.ts'

test('a name can be read', () => {
  expect(flatName({ path: 'hdfs/quant-research', key: 'keytab' }, 127)).toBe('hdfs--quant-research--keytab')
  expect(flatName({ path: 'hdfs/lab', key: 'core-site.xml' }, 127)).toBe('hdfs--lab--core-site-dot-xml')
})

/** Texts of the very pieces that a name is made of. */
const text = (pieces: readonly string[]) =>
  fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 }).map((found) => found.join(''))
const ref: fc.Arbitrary<SecretRef> = fc.record({
  path: text(['a', 'b', 'c', 'dot', '-', '.', '/', '-dot-', 'A', '_']),
  key: text(['a', 'b', 'c', 'dot', '-', '.', '-dot-']),
})
const nameOf = (one: SecretRef): string | undefined => {
  try {
    return flatName(one, 127)
  } catch {
    return undefined
  }
}

test('two secrets never have one name, and every name is one that both clouds take', () => {
  const known = new Map<string, string>()
  fc.assert(
    fc.property(ref, (one) => {
      const name = nameOf(one)
      if (name === undefined) return
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+|--[a-z0-9]+)*$/)
      const own = `${one.path}/${one.key}`
      expect(known.get(name) ?? own).toBe(own)
      known.set(name, own)
    }),
    { numRuns: 20_000 },
  )
  expect(known.size).toBeGreaterThan(50)
})

test.each(['A/b', 'a_b', 'a--b', '-a', 'a-', 'a.dot.b', 'dot', 'a'.repeat(130)])('`%s` is no name there', (path) => {
  expect(nameOf({ path, key: 'keytab' })).toBeUndefined()
})
