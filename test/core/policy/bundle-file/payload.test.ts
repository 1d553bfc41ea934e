/** What is signed: one text for one policy, and nothing is read that is not understood. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Payload, readPayload, writePayload } from '../../../../src/core/policy/bundle-file/payload.ts'
import { sortedJson } from '../../../../src/core/policy/language/build-bundle.ts'

const HASH = `sha256:${'ab'.repeat(32)}`
const GOOD: Payload = {
  sequence: 7,
  hash: HASH,
  documents: [{ file: 'a.yaml', line: 3, document: { kind: 'Grant' } }],
}
const fieldsWith = (more: object): string => sortedJson({ format: 1, ...GOOD, ...more })

const line = fc.integer({ min: 1, max: 2 ** 31 })
const payload: fc.Arbitrary<Payload> = fc.record(
  {
    sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    hash: fc.constant(HASH),
    created: fc.constantFrom('2027-01-31T00:00:00Z', '2026-06-01T12:00:00.5+02:00'),
    documents: fc.array(
      fc.record(
        {
          file: fc.string({ minLength: 1, unit: 'binary' }),
          line,
          caseLines: fc.array(line),
          document: fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
        },
        { requiredKeys: ['file', 'line', 'document'] },
      ),
      { minLength: 1, maxLength: 5 },
    ),
  },
  { requiredKeys: ['sequence', 'hash', 'documents'] },
)

test('what is written is read back, and written again is the same text', () => {
  fc.assert(
    fc.property(payload, (given) => {
      const text = writePayload(given)
      if (text.includes('"__proto__":')) return
      expect(writePayload(readPayload(text))).toBe(text)
      expect(readPayload(text)).toEqual(JSON.parse(JSON.stringify(given)))
    }),
  )
})

test('fields in another order are the same text', () => {
  const { documents, hash, sequence } = GOOD
  const document = { document: { kind: 'Grant' }, line: 3, file: 'a.yaml' }
  expect(writePayload({ documents, hash, sequence })).toBe(writePayload({ sequence, hash, documents: [document] }))
})

test('fields that are numbers stand as texts do, whatever an object makes of them', () => {
  const text = fieldsWith({ documents: [{ ...GOOD.documents[0], document: { 9: 'x', 10: 'y' } }] })
  expect(text).toContain('{"10":"y","9":"x"}')
  expect(writePayload(readPayload(text))).toBe(text)
  expect(() => readPayload(text.replace('"10":"y","9":"x"', '"9":"x","10":"y"'))).toThrow('canonical')
})

test.each<[string, string, string]>([
  ['a field that is not known', fieldsWith({ also: 1 }), 'also'],
  ['one in a document', fieldsWith({ documents: [{ ...GOOD.documents[0], also: 1 }] }), 'also'],
  ['another format', fieldsWith({ format: 2 }), 'the format of the bundle is 2'],
  ['a format in text', fieldsWith({ format: '1' }), '`format`'],
  ['no sequence', fieldsWith({ sequence: undefined }).replace('"sequence":undefined', '"sequencf":1'), '`sequence`'],
  ['sequence 0', fieldsWith({ sequence: 0 }), '`sequence`'],
  ['half a sequence', fieldsWith({ sequence: 1.5 }), '`sequence`'],
  ['a sequence past what numbers can tell apart', fieldsWith({ sequence: 2 ** 53 }), '`sequence`'],
  ['a hash of another kind', fieldsWith({ hash: 'md5:00' }), '`hash`'],
  ['a day that does not exist', fieldsWith({ created: '2027-02-30T00:00:00Z' }), '`created`'],
  ['no document', fieldsWith({ documents: [] }), '`documents`'],
  ['a document that is a list', fieldsWith({ documents: [{ ...GOOD.documents[0], document: [] }] }), 'documents.0'],
  ['line 0', fieldsWith({ documents: [{ ...GOOD.documents[0], line: 0 }] }), 'documents.0.line'],
  ['a file without a name', fieldsWith({ documents: [{ ...GOOD.documents[0], file: '' }] }), 'documents.0.file'],
  ['a list', '[]', 'the bundle'],
  ['null', 'null', 'the bundle'],
  ['nothing', '', 'not JSON'],
  ['half of it', writePayload(GOOD).slice(0, -5), 'not JSON'],
  ['a field given twice', writePayload(GOOD).replace('"sequence":7', '"sequence":9,"sequence":7'), 'canonical'],
  ['a space', ` ${writePayload(GOOD)}`, 'canonical'],
  ['fields in another order', JSON.stringify({ format: 1, ...GOOD }), 'canonical'],
  ['an escape that need not be', writePayload(GOOD).replace('Grant', '\\u0047rant'), 'canonical'],
  ['a number in another form', writePayload(GOOD).replace('"sequence":7', '"sequence":7.0'), 'canonical'],
  ['a prototype', writePayload(GOOD).replace('{"kind":"Grant"}', '{"__proto__":{},"kind":"Grant"}'), '__proto__'],
  ['lists in lists', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 'not JSON'],
])('%s is refused', (_, text, said) => {
  const error = expect.objectContaining({ code: 'bundle-bad-content', message: expect.stringContaining(said) })
  expect(() => readPayload(text)).toThrow(error)
})
