/** A checkpoint is taken only as Kerbside writes it, and only if its root is that of its parts: what is signed is one text and no other. */
import { expect, it } from 'vitest'
import { NO_HASH } from '../../../src/core/audit/chain.ts'
import { type Checkpoint, readCheckpoint, rootOf, writeCheckpoint } from '../../../src/core/audit/checkpoint.ts'
import { hashBytes } from '../../../src/io/audit/checkpoints.ts'

const root = 'ab'.repeat(32)
const parts = [
  { sidecar: 'pod-a', from: 0, to: 3, root },
  { sidecar: 'pod-b', from: 7, to: 8, root },
]
const good: Checkpoint = {
  ...{ format: 1, broker: 'broker-0', number: 4, time: '2026-03-02T12:00:00.000Z', previous: NO_HASH, parts },
  root: rootOf(parts, hashBytes),
}
const read = (text: string) => readCheckpoint(text, hashBytes)
const withRoot = (more: object) => {
  const changed = { ...good, ...more }
  return { ...changed, root: Array.isArray(changed.parts) ? rootOf(changed.parts, hashBytes) : changed.root }
}

it('is read as it was written', () => {
  expect(read(writeCheckpoint(good))).toEqual(good)
  expect(read(writeCheckpoint(withRoot({ parts: [] }) as Checkpoint))).toMatchObject({ parts: [] })
})

it.each([
  ['no JSON', 'x'],
  ['a list', '[]'],
  ['nothing', 'null'],
  ['a space more', writeCheckpoint(good).replace('{', '{ ')],
  ['its fields in another order', JSON.stringify(Object.fromEntries(Object.entries(good).toReversed()))],
  ['a field more', JSON.stringify({ ...good, more: 1 })],
  ['a field twice', writeCheckpoint(good).replace('"number":4', '"number":3,"number":4')],
  ['the root of other parts', JSON.stringify({ ...good, parts: [parts[0]] })],
  ['a part of other records', JSON.stringify({ ...good, parts: [{ ...parts[0], to: 4 }, parts[1]] })],
  ['a part without records', JSON.stringify(withRoot({ parts: [{ ...parts[0], to: 0 }] }))],
  ['a part that ends before it begins', JSON.stringify(withRoot({ parts: [{ ...parts[1], to: 2 }] }))],
  ['a part with a field more', JSON.stringify(withRoot({ parts: [{ ...parts[0], more: 1 }] }))],
  ['no parts', JSON.stringify({ ...good, parts: undefined })],
  ['parts that are no list', JSON.stringify({ ...good, parts: {} })],
  ['another format', JSON.stringify({ ...good, format: 2 })],
  ['a number below nothing', JSON.stringify({ ...good, number: -1 })],
  ['a time that is none', JSON.stringify({ ...good, time: 'noon' })],
  ['a name that is none', JSON.stringify({ ...good, broker: '../other' })],
  ['a hash in capitals', JSON.stringify({ ...good, previous: 'AB'.repeat(32) })],
])('is not with %s', (_, text) => {
  expect(read(text)).toEqual({ problem: expect.any(String) })
})
