/** Damage to a chain of records: what is found and where, and what a chain alone cannot show. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chain } from '../../../src/core/audit/chain.ts'
import type { AuditRecord, Entry } from '../../../src/core/audit/record.ts'
import { verify } from '../../../src/core/audit/verify.ts'
import { chained, entry, records, sha256, WHO } from './arbitrary.ts'

const LOG: Entry[] = ['a', 'b', 'c', 'd', 'e'].map((detail) => ({
  kind: 'policy',
  who: WHO,
  bundle: 'sha256:1',
  detail,
}))
const log = (sidecar = 'pod-a'): AuditRecord[] => chained(LOG, sidecar)
const at = (list: readonly AuditRecord[], index: number): AuditRecord => {
  const found = list[index]
  if (found === undefined) throw new Error(`no record ${index}`)
  return found
}
/** As a forger would: the record changed, and its own hash made to fit. */
const forged = (record: AuditRecord, detail: string): AuditRecord =>
  chain({ kind: 'policy', who: WHO, bundle: 'sha256:1', detail }, record, sha256).record

describe('a chain that nobody touched', () => {
  it('is whole, whatever clients put into it', () => {
    fc.assert(
      fc.property(records(), (list) => {
        expect(verify(list, sha256)).toEqual({ whole: true, records: list.length })
      }),
    )
  })

  it('has no records when there are none', () => {
    expect(verify([], sha256)).toEqual({ whole: true, records: 0 })
  })
})

describe('damage to a chain', () => {
  it.each<[string, (list: AuditRecord[]) => AuditRecord[], number, string]>([
    ['a record changed', (list) => list.with(2, { ...at(list, 2), detail: 'x' } as AuditRecord), 2, 'changed'],
    ['its time changed', (list) => list.with(2, { ...at(list, 2), time: '2026-03-02T08:00:00.000Z' }), 2, 'changed'],
    ['its hash changed', (list) => list.with(2, { ...at(list, 2), hash: 'f'.repeat(64) }), 2, 'changed'],
    ['a record forged with its hash', (list) => list.with(2, forged(at(list, 2), 'x')), 3, 'unlinked'],
    ['a record dropped', (list) => list.toSpliced(2, 1), 2, 'out-of-order'],
    ['two records swapped', (list) => list.with(1, at(list, 2)).with(2, at(list, 1)), 1, 'out-of-order'],
    ['a record twice', (list) => list.toSpliced(2, 0, at(list, 2)), 3, 'out-of-order'],
    ['an old record replayed at the end', (list) => [...list, at(list, 1)], 5, 'out-of-order'],
    ['the middle cut out', (list) => list.toSpliced(1, 3), 1, 'out-of-order'],
    ['the beginning cut off', (list) => list.slice(1), 0, 'out-of-order'],
    ['a record of another sidecar spliced in', (list) => list.with(2, at(log('pod-b'), 2)), 2, 'wrong-sidecar'],
    ['the tail of another sidecar', (list) => [...list.slice(0, 3), ...log('pod-b').slice(3)], 3, 'wrong-sidecar'],
    ['one of another log of the same sidecar', (list) => list.with(2, at(chained(LOG.toReversed()), 2)), 2, 'unlinked'],
    ['a number changed to close a gap', (list) => [at(list, 0), { ...at(list, 2), sequence: 1 }], 1, 'changed'],
    ['not a record', (list) => list.with(4, { ...at(list, 4), kind: 'nothing' } as never), 4, 'unreadable'],
  ])('is found: %s', (_, damage, index, fault) => {
    const verdict = verify(damage(log()), sha256)
    const expected = { index, fault }
    expect(verdict).toMatchObject({ whole: false, ...expected })
  })

  it('is found wherever a record is dropped, changed or doubled, but for the tail', () => {
    const touch = fc.constantFrom('drop', 'double', 'forge')
    fc.assert(
      fc.property(records('pod-a', 2), entry, touch, fc.nat(), (list, other, how, where) => {
        const index = where % (list.length - 1)
        const target = at(list, index)
        const fake = chain(other, target, sha256).record
        if (how === 'forge' && fake.hash === target.hash) return
        const damaged =
          how === 'drop'
            ? list.toSpliced(index, 1)
            : how === 'double'
              ? list.toSpliced(index, 0, target)
              : list.with(index, fake)
        expect(verify(damaged, sha256)).toMatchObject({ whole: false })
      }),
    )
  })

  it('says which numbers are missing', () => {
    expect(verify(log().toSpliced(1, 3), sha256)).toMatchObject({
      detail: 'it is number 4: numbers 1 to 3 are not where they should be',
    })
  })
})

describe('what a chain alone cannot show, so that nobody believes it does', () => {
  it('is not found: the tail cut off', () => {
    expect(verify(log().slice(0, 3), sha256)).toEqual({ whole: true, records: 3 })
  })

  it('is not found: the whole log written anew by who can write the file', () => {
    expect(verify(chained(LOG.toReversed()), sha256)).toEqual({ whole: true, records: 5 })
  })

  it('is not found: the last record replaced by another with a fitting hash', () => {
    const list = log()
    expect(verify(list.with(4, forged(at(list, 4), 'x')), sha256)).toMatchObject({ whole: true })
  })
})
