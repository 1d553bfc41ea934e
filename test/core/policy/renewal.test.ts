/** The line that says that a slice stands: what is written is read, and nothing else is taken for it. */
import { expect, test } from 'vitest'
import { readRenewal, writeRenewal } from '../../../src/core/policy/renewal.ts'
import { writeRevocation } from '../../../src/core/policy/revocation.ts'
import { writeSlice } from '../../../src/core/policy/slice-line.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'

test('what is written is read', () => {
  for (const bundle of ['sha256:abc', '"', '\\', '\u2028']) expect(readRenewal(writeRenewal(bundle))).toBe(bundle)
})

test.each([
  writeSlice(SLICE),
  writeRevocation('pod-refused'),
  '',
  'null',
  '{"renewed":""}',
  '{"renewed":7}',
  '{"renewed":null}',
  '{"renewed":["sha256:abc"]}',
  '{"renewed":"sha256:abc"',
  '{"revoked":"pod-refused","renewed":"sha256:abc"}',
])('%s is none', (line) => expect(readRenewal(line)).toBeUndefined())
