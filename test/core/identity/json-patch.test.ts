/** JSON pointers and additions, by the examples of the RFCs. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyPatch, pointer } from '../../../src/core/identity/json-patch.ts'

test('a pointer escapes what it must (RFC 6901, §5)', () => {
  expect(pointer()).toBe('')
  expect(pointer('foo', 0)).toBe('/foo/0')
  expect(pointer('a/b')).toBe('/a~1b')
  expect(pointer('m~n')).toBe('/m~0n')
  expect(pointer('~1')).toBe('/~01')
})

test('additions by the examples of RFC 6902, appendix A', () => {
  const add = (document: object, path: string, value: string) =>
    applyPatch(document as never, [{ op: 'add', path, value }])
  expect(add({ foo: 'bar' }, '/baz', 'qux')).toEqual({ baz: 'qux', foo: 'bar' })
  expect(add({ foo: ['bar', 'baz'] }, '/foo/1', 'qux')).toEqual({ foo: ['bar', 'qux', 'baz'] })
  expect(add({ foo: ['bar'] }, '/foo/-', 'abc')).toEqual({ foo: ['bar', 'abc'] })
  expect(() => add({ foo: 'bar' }, '/baz/bat', 'qux')).toThrow('leads nowhere')
  expect(() => add({ foo: [] }, '/foo/1', 'qux')).toThrow('leads nowhere')
})

test('whatever a key is called, its pointer finds it', () => {
  const key = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', '~1', '/', '-'))
  fc.assert(
    fc.property(key, key, (outer, inner) => {
      const document = Object.fromEntries([[outer, {}]])
      const patched = applyPatch(document, [{ op: 'add', path: pointer(outer, inner), value: 1 }])
      expect(JSON.stringify(patched)).toBe(`{${JSON.stringify(outer)}:{${JSON.stringify(inner)}:1}}`)
    }),
  )
})
